import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// Which upstream it is: one that is not up, or brings no books, is left for the next one, and the first one is
// taken back when it has been shown to bring its books.

extension SafetyNet {
    /// The longest pause before the first upstream is tried again.
    private static let longestPause = Duration.seconds(86_400)

    /// Counts the time without an upstream.
    func armFailover(_ my: Context) {
        guard configuration.upstreams.count > 1 else { return }
        my.after(configuration.failoverAfter, .netFailover, named: "failover")
    }

    /// Leaves an upstream for the next one.
    func failOver(_ my: Context) {
        change(to: (upstreamPlace + 1) % upstreamURLs.count, my)
    }

    private func change(to place: Int, _ my: Context) {
        guard !isDraining, place != upstreamPlace, let session = linkSession else { return }
        if upstreamPlace == 0 {
            // Taken back too soon it is left alone for longer. It takes a while to be left, too.
            let lasting =
                my.now - turnBegan - max(configuration.failoverAfter, configuration.bookWithin)
            let isSoon = counters.returns > 0 && lasting < returnPause
            returnPause =
                isSoon
                ? min(returnPause + returnPause, Self.longestPause) : configuration.returnAfter
        }
        counters.failovers += 1
        upstreamPlace = place
        linkSession = nil
        leftLink = session
        booklessSince = nil
        if let probe { my.stop(probe) }
        my.stop(session)
    }

    /// The link has ended: it was left, or it gave up.
    func lostLink(_ end: ChildEnd, _ my: Context) {
        if isUp { tellAll(StreamRemark.make("Upstream lost: it was left", success: false), my) }
        isUp = false
        loseEverything(my)
        guard !isDraining else { return }
        if leftLink == end.id {
            leftLink = nil
            return openUpstream(my)
        }
        // It gave itself up: the next one, after a pause.
        linkSession = nil
        upstreamPlace = (upstreamPlace + 1) % upstreamURLs.count
        my.after(.seconds(5), .netReopen, named: "reopen")
    }

    /// Each second: has the upstream its books, and is it time to look after the first one?
    func lookAtUpstream(_ my: Context) {
        guard upstreamURLs.count > 1, !isDraining else { return }
        if !isUp || markets.allSatisfy({ $0.trust == .live }) {
            booklessSince = nil
        } else {
            let since = booklessSince ?? my.now
            booklessSince = since
            if my.now - since >= configuration.bookWithin {
                my.log.warning("upstream left: no trusted book within", configuration.bookWithin)
                lostReason = "no trusted book within \(configuration.bookWithin)"
                return failOver(my)
            }
        }
        guard upstreamPlace != 0, probe == nil, my.now - turnBegan >= returnPause else { return }
        probeFirst(my)
    }

    private func probeFirst(_ my: Context) {
        let urls = upstreamURLs[0]
        let fields = upstreamFields(at: 0)
        let session = UpstreamProbe(
            owner: my.id, name: configuration.name + ".probe",
            venue: makeVenue(configuration.instruments, fields), within: configuration.bookWithin,
            from: .live(urls.stream, http: urls.calls, trust: configuration.trust))
        probe = my.start(session)
        // Not again each second where it ends at once.
        turnBegan = my.now
    }

    /// The first upstream has brought its books: it is taken back. For the moment of the change it is as if
    /// the upstream were lost.
    func goBack(_ my: Context) {
        guard upstreamPlace != 0, probe != nil, linkSession != nil, !isDraining else { return }
        counters.returns += 1
        my.log.info("the first upstream is taken back")
        change(to: 0, my)
    }
}

/// Looks whether an upstream brings the books, by a link of its own, and tells its owner when it has, who
/// stops it then; ends when it has not in time.
final class UpstreamProbe: Session {
    private let owner: SessionID
    private let link: Link
    private let venue: MtGoxVenue
    private let limit: Duration
    private let source: LinkSource
    private var missing: [Instrument]

    init(
        owner: SessionID, name: String, venue: MtGoxVenue, within limit: Duration,
        from source: LinkSource
    ) {
        self.owner = owner
        self.venue = venue
        self.limit = limit
        self.source = source
        missing = venue.instruments
        link = Link(venue: .mtgox, name: name, instruments: venue.instruments)
    }

    static func handlers(_ on: inout Handlers<UpstreamProbe>) {
        on(.started) { me, _, my in
            my.register(me.link.bookChanged)
            my.start(LinkSupervisor(me.link, me.venue, from: me.source))
            my.after(me.limit, .netProbeEnd)
        }
        on(.bookChanged) { me, change, my in me.hear(change, my) }
        on(.netProbeEnd) { _, _, my in my.stop() }
        on(.childStopped) { _, _, my in my.stop() }
    }

    private func hear(_ change: BookChange, _ my: Context) {
        guard change.evidence.isTrusted else { return }
        missing.removeAll { $0 == change.instrument }
        if missing.isEmpty { my.post(.netProbed, to: owner, ()) }
    }
}

extension Event where Payload == Void {
    static let netProbeEnd = Self("safetyNet.probeEnd")
}
