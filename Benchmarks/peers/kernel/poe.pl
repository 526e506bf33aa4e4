#!/usr/bin/perl
# POE: two sessions that post to each other, one that yields to itself, call, delay_set.
# usage: poe.pl [EVENTS=200000]       prints one JSON line; every figure is the best of three passes
use strict; use warnings;
use POE;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my $events = shift // 200_000;
my $batch  = 256;
my %best;

sub now { clock_gettime(CLOCK_MONOTONIC) }
sub keep {
    my ($name, $seconds, $n) = @_;
    my $ns = $seconds * 1e9 / $n;
    $best{$name} = $ns if !defined $best{$name} || $ns < $best{$name};
}

my ($left, $from, $pass) = (0, 0, 0);
my @steps = map { ('yield_step', 'ping_step', 'batch_step', 'call_step', 'timer_step') } 1 .. 3;

POE::Session->create(inline_states => {
    _start => sub { $_[KERNEL]->alias_set('b') },
    ping   => sub { $_[KERNEL]->post('a', 'pong', $_[ARG0]) },
    echo   => sub { return $_[ARG0] },
    stop   => sub { $_[KERNEL]->alias_remove('b') },
});

POE::Session->create(inline_states => {
    _start => sub { $_[KERNEL]->alias_set('a'); $_[KERNEL]->yield('next') },
    next   => sub {
        my $step = shift @steps;
        return $_[KERNEL]->yield($step) if $step;
        $_[KERNEL]->alias_remove('a');
        $_[KERNEL]->post('b', 'stop');
        printf qq({"ping_ns":%.1f,"batch_ns":%.1f,"call_ns":%.1f,"timer_set_ns":%.1f,"yield_ns":%.1f}\n),
            @best{qw(ping batch call timer yield)};
    },

    yield_step => sub { ($left, $from) = ($events, now()); $_[KERNEL]->yield('again', 1) },
    again => sub {
        return $_[KERNEL]->yield('again', $_[ARG0]) if --$left > 0;
        keep('yield', now() - $from, $events);
        $_[KERNEL]->yield('next');
    },

    # one event is one handler run: a round trip is two
    ping_step => sub { ($left, $from) = ($events, now()); $_[KERNEL]->post('b', 'ping', 1) },
    pong => sub {
        $left -= 2;
        return $_[KERNEL]->post('b', 'ping', $_[ARG0]) if $left > 0;
        keep('ping', now() - $from, $events);
        $_[KERNEL]->yield('next');
    },

    # 256 events are queued, then drained: the last one of a batch queues the next
    batch_step => sub { ($left, $from) = (int($events / $batch) * $batch, now()); $_[KERNEL]->yield('one', 1) for 1 .. $batch },
    one => sub {
        return if --$left % $batch;
        if ($left > 0) { $_[KERNEL]->yield('one', 1) for 1 .. $batch; return }
        keep('batch', now() - $from, int($events / $batch) * $batch);
        $_[KERNEL]->yield('next');
    },

    call_step => sub {
        my $t = now();
        $_[KERNEL]->call('b', 'echo', $_) for 1 .. $events;
        keep('call', now() - $t, $events);
        $_[KERNEL]->yield('next');
    },

    # 10,000 timers, due in 1 to 1,000 seconds in a fixed mixed order; none fires; removing is not timed
    timer_step => sub {
        my $n = 10_000;
        my $t = now();
        $_[KERNEL]->delay_set('never', ($_ * 7919) % 1000 + 1) for 1 .. $n;
        keep('timer', now() - $t, $n);
        $_[KERNEL]->alarm_remove_all;
        $_[KERNEL]->yield('next');
    },
    never => sub { die "a timer fired" },
});
POE::Kernel->run;
