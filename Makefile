# make            builds the daemon
# make demo       shows it: a pair balances three services, servers and directors fail
# make test       all tests, with everything they need
# make test-full  the long matrices as well
# make bench      ours beside Debian's keepalived
# make install    PREFIX, DESTDIR and SYSCONFDIR as usual; VIMDIR for the syntax of Vim

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
# Vim looks here on Debian; it does not look below /usr/local.
VIMDIR ?= /usr/share/vim/vimfiles
CARGO ?= cargo
# Labs wait more than they work.
LAB_THREADS ?= 8
FUZZ_SECONDS ?= 20

.PHONY: all setup demo test test-full compat sim bench fuzz lint install uninstall clean

all:
	$(CARGO) build --release --locked

setup:
	./setup.sh

demo: setup all
	$(CARGO) build --release --locked -p testkit --example demo
	@target/release/examples/demo target/release/keepalived

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

test: setup
	LAB_THREADS=$(LAB_THREADS) FUZZ_SECONDS=$(FUZZ_SECONDS) ./test.sh

# The compat tests on the original too, 10,000 seeds, 2,000 generated files beside the original, longer fuzzing, a minute without
# a flap, pairs with the original in every form, 10,000 reloads in memory and 200 on a real IPVS.
test-full: setup
	LAB_THREADS=$(LAB_THREADS) FUZZ_SECONDS=600 SIM_SEEDS=10000 LAB_WATCH_SECONDS=60 LAB_MATRIX=all \
		DIFFERENTIAL_FILES=2000 RELOAD_PAIRS=10000 RELOAD_PAIRS_ON_IPVS=200 ./test.sh
	UNDER_TEST=original $(CARGO) test --locked --test compat -- --test-threads $(LAB_THREADS)

compat: setup
	UNDER_TEST=original $(CARGO) test --locked --test compat -- --test-threads $(LAB_THREADS)
	$(CARGO) test --locked --test compat -- --test-threads $(LAB_THREADS)

sim:
	SIM_SEEDS=$${SIM_SEEDS:-10000} $(CARGO) test --locked --release --test sim

bench: setup
	$(CARGO) bench --locked --bench takeover
	$(CARGO) bench --locked --bench instances
	$(CARGO) bench --locked --bench balancing
	$(CARGO) bench --locked --bench config_test

fuzz:
	fuzz/run.sh $${TARGET:-config} $(FUZZ_SECONDS)

install:
	install -D -m 0755 target/release/keepalived $(DESTDIR)$(SBINDIR)/keepalived
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(SYSCONFDIR)/keepalived
	ln -sfr $(DESTDIR)$(SBINDIR)/keepalived $(DESTDIR)$(BINDIR)/genhash
	sed 's|@SBINDIR@|$(SBINDIR)|' systemd/keepalived.service > $(DESTDIR)$(UNITDIR)/keepalived.service
	chmod 0644 $(DESTDIR)$(UNITDIR)/keepalived.service
	install -D -m 0644 etc/keepalived/keepalived.conf $(DESTDIR)$(SYSCONFDIR)/keepalived/keepalived.conf.sample
	install -D -m 0644 docs/keepalived.8 $(DESTDIR)$(MANDIR)/man8/keepalived.8
	install -D -m 0644 docs/genhash.1 $(DESTDIR)$(MANDIR)/man1/genhash.1
	install -D -m 0644 docs/keepalived.conf.5 $(DESTDIR)$(MANDIR)/man5/keepalived.conf.5
	install -D -m 0644 syntax/vim/keepalived.vim $(DESTDIR)$(VIMDIR)/syntax/keepalived.vim
	install -D -m 0644 syntax/vim/ftdetect.vim $(DESTDIR)$(VIMDIR)/ftdetect/keepalived.vim

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/keepalived $(DESTDIR)$(UNITDIR)/keepalived.service
	rm -f $(DESTDIR)$(SYSCONFDIR)/keepalived/keepalived.conf.sample $(DESTDIR)$(MANDIR)/man8/keepalived.8
	rm -f $(DESTDIR)$(MANDIR)/man5/keepalived.conf.5
	rm -f $(DESTDIR)$(BINDIR)/genhash $(DESTDIR)$(MANDIR)/man1/genhash.1
	rm -f $(DESTDIR)$(VIMDIR)/syntax/keepalived.vim $(DESTDIR)$(VIMDIR)/ftdetect/keepalived.vim

clean:
	$(CARGO) clean
