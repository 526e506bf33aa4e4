public import OutcryKernel
public import OutcryMarket

/// Keeps the books of a link's instruments from snapshot and stream.
///
/// Subscribes, buffers, fetches a snapshot, replays what is newer, goes live; begins anew after a loss.
/// A wrong book is never served as good: ``BookChange/evidence`` says what it is worth.
public final class DepthBook: Session {
    private let link: Link
    private let venue: any Venue
    private var machines: [DepthBookMachine]
    private let bookChanged = Event<BookChange>.bookChanged
    private var tries: [KernelTime?]
    /// A book that stays crossed for so long is fetched anew.
    private let crossedLimit = Duration.seconds(2)

    /// Makes the keeper of the books of `link`.
    public init(_ link: Link, _ venue: any Venue) {
        self.link = link
        self.venue = venue
        machines = link.instruments.map {
            DepthBookMachine($0, snapshotAge: venue.rules.snapshotAge)
        }
        tries = machines.map { _ in nil }
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<DepthBook>) {
        on(.started) { me, _, my in
            my.register(
                me.link.depth, me.link.subscribed, me.link.disconnected, me.link.channelStale,
                me.link.connected)
            my.every(.seconds(1), .bookCheck)
        }
        on(.depth) { me, change, my in me.apply(change, my) }
        on(.connected) { me, _, my in
            guard me.venue.rules.snapshotSource == .stream else { return }
            for i in me.machines.indices { me.machines[i].begin(at: my.now) }
        }
        on(.subscribed) { me, channel, my in
            guard me.venue.rules.snapshotSource == .http else { return }
            for i in me.machines.indices where channel == me.channel(i) {
                me.machines[i].subscribed(at: my.now)
                me.consider(i, my)
            }
        }
        on(.disconnected) { me, _, my in
            for i in me.machines.indices { me.down(i, "the link is down", my) }
        }
        on(.channelStale) { me, silence, my in
            for i in me.machines.indices where silence.channel == me.channel(i) {
                me.down(i, "the channel is silent for \(silence.lasting)", my)
            }
        }
        on(.bookCheck) { me, _, my in for i in me.machines.indices { me.check(i, my) } }
        on(.bookSnapshot) { me, answer, my in me.take(answer, my) }
        on(.readBook) { me, ask, my in
            my.answer(ask, me.machines.first { $0.instrument == ask.question }?.book)
        }
    }

    private func channel(_ i: Int) -> Channel? {
        venue.channels(for: machines[i].instrument).first
    }

    // MARK: Hot path

    private func apply(_ change: DepthChange, _ my: Context) {
        guard machines.count == 1 || machines[0].instrument == change.instrument else {
            guard let i = machines.firstIndex(where: { $0.instrument == change.instrument })
            else { return }
            return apply(change, to: i, my)
        }
        apply(change, to: 0, my)
    }

    @inline(__always) private func apply(_ change: DepthChange, to i: Int, _ my: Context) {
        guard machines[i].phase == .live else { return keep(change, i, my) }
        let edit = machines[i].apply(change, at: my.now)
        guard my.hasListeners(bookChanged) else { return }
        my.publish(
            bookChanged,
            BookChange(
                book: machines[i].book, change: change, bestChanged: edit.bestChanged,
                evidence: machines[i].evidence(at: my.now)))
    }

    @inline(never) private func keep(_ change: DepthChange, _ i: Int, _ my: Context) {
        guard change.instrument == machines[i].instrument else { return }
        machines[i].keep(change)
        consider(i, my)
    }

    // MARK: Snapshots

    private func consider(_ i: Int, _ my: Context) {
        guard machines[i].wantsSnapshot(at: my.now), tries[i] ?? my.now <= my.now else { return }
        tries[i] = nil
        machines[i].fetching(at: my.now)
        my.log.debug("fetching snapshot", machines[i].instrument)
        my.ask(
            .fetchSnapshot, to: link.snapshots, machines[i].instrument, timeout: .seconds(60),
            then: .bookSnapshot)
    }

    private func take(
        _ answer: borrowing Answer<Result<BookSnapshot, SnapshotFailure>>, _ my: Context
    ) {
        switch copy answer {
        case .reply(.success(let snapshot)):
            guard let i = index(snapshot.instrument) else { return }
            switch machines[i].load(snapshot, at: my.now) {
            case .loaded:
                my.log.info(
                    "book loaded", snapshot.instrument, "\(machines[i].book.count) levels")
                announce(i, my)
            case .gap(let retry):
                postpone(i, "the snapshot may be older than the stream", retry, my)
            case .refused(let problem):
                postpone(i, "bad snapshot: \(problem)", my.now + venue.rules.snapshotAge, my)
            case .unwanted: return
            }
        case .reply(.failure(let failure)):
            guard let i = index(failure.instrument) else { return }
            machines[i].failed()
            postpone(i, failure.reason, failure.retryAt, my)
        case .timedOut, .gone:
            for i in machines.indices where machines[i].phase == .fetching {
                machines[i].failed()
                postpone(i, "no answer from the snapshot service", my.now + .seconds(5), my)
            }
        }
    }

    private func postpone(_ i: Int, _ reason: String, _ retry: KernelTime, _ my: Context) {
        tries[i] = retry
        my.log.warning(
            "book stale", machines[i].instrument, reason, "next try in \(retry - my.now)")
        my.publish(
            .bookStale,
            BookStale(instrument: machines[i].instrument, reason: reason, nextTry: retry))
    }

    private func index(_ instrument: Instrument) -> Int? {
        machines.firstIndex { $0.instrument == instrument }
    }

    // MARK: Trust

    private func down(_ i: Int, _ reason: String, _ my: Context) {
        guard machines[i].down(at: my.now) else { return }
        my.publish(
            .bookStale,
            BookStale(instrument: machines[i].instrument, reason: reason, nextTry: nil))
        announce(i, my)
    }

    private func check(_ i: Int, _ my: Context) {
        if let since = machines[i].crossedSince, my.now - since >= crossedLimit {
            my.log.warning("book crossed", machines[i].instrument, "fetching it anew")
            machines[i].distrust(at: my.now)
            announce(i, my)
        }
        consider(i, my)
    }

    private func announce(_ i: Int, _ my: Context) {
        my.publish(
            .bookChanged,
            BookChange(
                book: machines[i].book, change: nil, bestChanged: true,
                evidence: machines[i].evidence(at: my.now)))
    }
}

extension Event where Payload == Void {
    static let bookCheck = Self("books.check")
}

extension Event where Payload == BookStale {
    /// A book is not to be relied upon; says why, and when the next snapshot will be asked for.
    public static let bookStale = Self("bookStale")
}

extension Event where Payload == Ask<Instrument, Book?> {
    /// Asks a keeper of books for the live book of an instrument; read it, do not keep it.
    public static let readBook = Self("books.read")
}

extension Event where Payload == Answer<Result<BookSnapshot, SnapshotFailure>> {
    static let bookSnapshot = Self("books.snapshot")
}
