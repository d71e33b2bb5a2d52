" Which files are configurations of keepalived.
au BufRead,BufNewFile keepalived*.conf,*/keepalived/*.conf setfiletype keepalived
