public import OutcryKernel
public import OutcryMarket

/// Keeps the books of a link's instruments from snapshot and stream.
///
/// Subscribes, buffers, fetches a snapshot, replays what is newer, goes live; begins anew after a loss.
/// A wrong book is never served as good: ``BookChange/evidence`` says what it is worth.
public final class DepthBook: Session {
    private let link: Link
    private let venue: any Venue
    @safe @exclusivity(unchecked) private var machines: [DepthBookMachine]
    private let bookChanged = Event<BookChange>.bookChanged
    private var tries: [KernelTime?]
    /// Snapshots in a row that were asked for and could not be used.
    private var failures: [Int]
    /// When another connection was asked for last, for a book that comes by the stream alone.
    private var renewals: [KernelTime?]
    /// Until when a book that comes by the stream alone may come with its channel once more.
    private var returns: [KernelTime?]
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
        failures = machines.map { _ in 0 }
        renewals = tries
        returns = tries
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<DepthBook>) {
        on(.started) { me, _, my in
            my.register(
                me.link.depth, me.link.subscribed, me.link.disconnected, me.link.channelStale,
                me.link.connected, Topic(.depthLost, from: me.link.connection),
                Topic(.unsubscribed, from: me.link.connection))
            my.every(.seconds(1), .bookCheck)
        }
        on(.depth) { me, change, my in me.apply(change, my) }
        on(.connected) { me, _, my in
            for i in me.machines.indices {
                // Nobody says good-bye for a connection that failed.
                me.down(i, "the connection is another", my)
                // A stream that has not to be asked begins at once.
                if me.isStreamed, me.venue.channels(for: me.machines[i].instrument).isEmpty {
                    me.begin(i, my)
                }
            }
        }
        on(.subscribed) { me, channel, my in
            for i in me.machines.indices where channel == me.channel(i) {
                if me.isStreamed {
                    me.begin(i, my)
                } else {
                    me.machines[i].subscribed(at: my.now)
                    me.consider(i, my)
                }
            }
        }
        on(.unsubscribed) { me, channel, my in
            for i in me.machines.indices where channel == me.channel(i) {
                me.down(i, "the channel has ended", my)
            }
        }
        on(.depthLost) { me, channel, my in
            for i in me.machines.indices where channel == me.channel(i) {
                me.distrust(i, "the stream could not be read", my)
            }
        }
        on(.disconnected) { me, _, my in
            for i in me.machines.indices { me.down(i, "the link is down", my) }
        }
        on(.channelStale) { me, silence, my in
            for i in me.machines.indices where silence.channel == me.channel(i) {
                let reason = "the channel is silent for \(silence.lasting)"
                if me.isStreamed, !me.venue.rules.isBookToldAgain {
                    me.distrust(i, reason, my)
                } else {
                    // It is asked for again, and the book begins with it.
                    me.down(i, reason, my)
                    if me.isStreamed {
                        me.returns[i] = my.now + me.venue.rules.subscriptionTimeout * 2
                    }
                }
            }
        }
        on(.bookCheck) { me, _, my in for i in me.machines.indices { me.check(i, my) } }
        on(.overflow) { me, overflow, my in me.overflowed(overflow, my) }
        on(.bookOverflow) { me, _, my in me.distrustAll("changes were lost", my) }
        on(.readBook) { me, ask, my in
            my.answer(ask, me.machines.first { $0.instrument == ask.question }?.book)
        }
        on(.copyBook) { me, ask, my in
            let machine = me.machines.first { $0.instrument == ask.question }
            my.answer(
                ask,
                BookCopy(
                    instrument: ask.question, reading: machine.flatMap { $0.reading(at: my.now) }))
        }
    }

    /// Says how each book stands.
    public func inspect(_ sheet: inout InspectionSheet) {
        for machine in machines {
            let evidence = machine.evidence(at: sheet.now)
            var age: InspectionSheet.Value?
            if case .stale(let since) = evidence {
                age = .text("\((sheet.now - since).nanoseconds / 1_000_000) ms")
            }
            sheet.add(
                "book",
                [
                    "instrument": .text("\(machine.instrument)"),
                    "state": .text("\(machine.phase)"),
                    "evidence": .text(evidence.isTrusted ? "\(evidence)" : "stale"),
                    "bid": machine.book.bestBid.map { .text("\($0.price)") },
                    "ask": machine.book.bestAsk.map { .text("\($0.price)") },
                    "levels": .number(Int64(machine.book.count)), "stale for": age,
                ])
        }
    }

    private var isStreamed: Bool { venue.rules.snapshotSource == .stream }

    private func channel(_ i: Int) -> Channel? {
        venue.depthChannel(for: machines[i].instrument)
    }

    /// What comes from here on is the whole book, and then its changes.
    private func begin(_ i: Int, _ my: Context) {
        let wasLive = machines[i].phase == .live
        machines[i].begin(at: my.now)
        returns[i] = nil
        // What it held is not told to go, level by level.
        if wasLive { announce(i, my) }
    }

    // MARK: Hot path

    private func apply(_ change: DepthChange, _ my: Context) {
        for i in machines.indices where machines[i].instrument == change.instrument {
            if !apply(change, to: &machines[i], my) { putAside(change, i, my) }
            return
        }
    }

    /// - Returns: False when the change belongs somewhere else than into the book.
    @inline(__always) private func apply(
        _ change: DepthChange, to machine: inout DepthBookMachine, _ my: Context
    ) -> Bool {
        guard machine.phase == .live else { return false }
        guard let edit = machine.apply(change, at: my.now) else { return true }
        guard edit.kind != .refused else { return false }
        guard my.hasListeners(bookChanged) else { return true }
        my.publish(
            bookChanged,
            BookChange(
                venue: link.venue, book: machine.book, change: change,
                bestChanged: edit.bestChanged,
                evidence: machine.evidence(at: my.now)))
        return true
    }

    @inline(never) private func putAside(_ change: DepthChange, _ i: Int, _ my: Context) {
        if machines[i].phase == .live { refused(change, i, my) } else { keep(change, i, my) }
    }

    private func keep(_ change: DepthChange, _ i: Int, _ my: Context) {
        // Nothing will be loaded that it could be joined with.
        if isStreamed { return }
        machines[i].keep(change, at: my.now)
        consider(i, my)
    }

    private func refused(_ change: DepthChange, _ i: Int, _ my: Context) {
        distrust(i, "the stream brought what cannot be in a book: \(change)", my)
    }

    // MARK: Snapshots

    private func consider(_ i: Int, _ my: Context) {
        if isStreamed { return beginAnew(i, my) }
        guard machines[i].wantsSnapshot(at: my.now), tries[i] ?? my.now <= my.now else { return }
        tries[i] = nil
        let number = machines[i].fetching(at: my.now)
        let instrument = machines[i].instrument
        my.log.debug("fetching snapshot", instrument)
        my.task { my in
            do throws(AskError) {
                let result = try await my.ask(
                    .fetchSnapshot, to: self.link.snapshots, instrument, timeout: .seconds(60))
                self.take(result, i, number, my)
            } catch {
                guard error != .cancelled, self.machines[i].failed(number) else { return }
                self.postpone(
                    i, "no answer from the snapshot service", my.now + .seconds(5), my)
            }
        }
    }

    /// A book that is told by the stream alone comes whole with another connection; each time that does not help
    /// the pause before the next one is four times as long, up to a minute.
    private func beginAnew(_ i: Int, _ my: Context) {
        guard machines[i].phase == .buffering, tries[i] ?? my.now <= my.now else { return }
        if let last = renewals[i], my.now - last > .seconds(300) { failures[i] = 0 }
        let pause = min(Duration.seconds(1) * (1 << (2 * min(failures[i], 10))), .seconds(60))
        failures[i] += 1
        renewals[i] = my.now
        tries[i] = my.now + pause
        my.post(.renewConnection, to: link.connection)
    }

    private func take(
        _ result: Outcome<BookSnapshot, FetchFailure>, _ i: Int, _ number: Int, _ my: Context
    ) {
        switch result {
        case .success(let snapshot):
            switch machines[i].load(snapshot, number: number, at: my.now) {
            case .loaded:
                failures[i] = 0
                my.log.info(
                    "book loaded", snapshot.instrument, "\(machines[i].book.count) levels")
                announce(i, my)
            case .gap(let retry):
                postpone(i, "the snapshot may be older than the stream", retry, my)
            case .refused(let problem):
                let pause = max(venue.rules.snapshotAge, .seconds(5))
                postpone(i, "bad snapshot: \(problem)", later(i, my.now + pause, my), my)
            case .unwanted: consider(i, my)
            }
        case .failure(let failure):
            guard machines[i].failed(number) else { return }
            let retry =
                failure.wasTried ? later(i, failure.retryAt, my) : failure.retryAt
            postpone(i, failure.reason, retry, my)
        }
    }

    /// The time of the next try after a failure: each pause is four times the last, up to what the venue's
    /// budget sustains for ever, so that a venue in trouble does not cost the whole budget.
    private func later(_ i: Int, _ retry: KernelTime, _ my: Context) -> KernelTime {
        let least = retry - my.now
        let most = max(least, venue.rules.snapshotPeriod / venue.rules.snapshots)
        let pause = min(least * (1 << (2 * min(failures[i], 10))), most)
        failures[i] += 1
        return my.now + pause
    }

    private func postpone(_ i: Int, _ reason: String, _ retry: KernelTime, _ my: Context) {
        tries[i] = retry
        my.at(retry, .bookCheck, named: "retry \(i)")
        my.log.warning(
            "book stale", machines[i].instrument, reason, "next try in \(retry - my.now)")
        my.publish(
            .bookStale,
            BookStale(instrument: machines[i].instrument, reason: reason, nextTry: retry))
    }

    // MARK: Trust

    private func down(_ i: Int, _ reason: String, _ my: Context) {
        returns[i] = nil
        guard machines[i].down(at: my.now) else { return }
        my.publish(
            .bookStale,
            BookStale(instrument: machines[i].instrument, reason: reason, nextTry: nil))
        announce(i, my)
    }

    private func distrust(_ i: Int, _ reason: String, _ my: Context) {
        let wasGood = machines[i].distrust(at: my.now)
        if wasGood {
            my.log.warning("book stale", machines[i].instrument, reason)
            my.publish(
                .bookStale,
                BookStale(
                    instrument: machines[i].instrument, reason: reason, nextTry: tries[i] ?? my.now)
            )
            announce(i, my)
        }
        consider(i, my)
    }

    private func distrustAll(_ reason: String, _ my: Context) {
        for i in machines.indices { distrust(i, reason, my) }
    }

    /// The mailbox was full and changes may be missing. It may have been full for a while behind this
    /// news, which is told once: what is buffered is given up once more a little later.
    private func overflowed(_ overflow: Overflow, _ my: Context) {
        distrustAll("\(overflow.refused) events were refused by a full mailbox", my)
        my.after(.seconds(1), .bookOverflow, named: "overflow")
    }

    private func check(_ i: Int, _ my: Context) {
        if let end = returns[i], end <= my.now {
            // It does not come with its channel, so with another connection.
            returns[i] = nil
            machines[i].subscribed(at: my.now)
        }
        if let since = machines[i].crossedSince, my.now - since >= crossedLimit {
            distrust(i, "bid and ask cross since \(since)", my)
        } else {
            consider(i, my)
        }
    }

    private func announce(_ i: Int, _ my: Context) {
        my.publish(
            .bookChanged,
            BookChange(
                venue: link.venue, book: machines[i].book, change: nil, bestChanged: true,
                evidence: machines[i].evidence(at: my.now)))
    }
}

extension Event where Payload == Void {
    static let bookCheck = Self("books.check")
    static let bookOverflow = Self("books.overflow")
}

extension Event where Payload == BookStale {
    /// A book is not to be relied upon; says why, and when the next snapshot will be asked for.
    public static let bookStale = Self("bookStale")
}

extension Event where Payload == Ask<Instrument, Book?> {
    /// Asks a keeper of books for the live book of an instrument; read it, do not keep it.
    public static let readBook = Self("books.read")
}

extension Event where Payload == Ask<Instrument, BookCopy> {
    /// Asks a keeper of books for a copy of what it knows for sure.
    public static let copyBook = Self("books.copy")
}
