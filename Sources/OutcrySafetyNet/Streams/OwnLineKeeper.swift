import OutcryComponents
import OutcryKernel
import OutcryVenues
import OutcryWire

/// Holds the connection of an ``OwnLine``, and tells its owner when it is up and when it is no more.
final class OwnLineKeeper: Session {
    private let line: OwnLine
    private let owner: SessionID
    private let url: VenueURL
    private let trust: TLSTrust
    private let like: MtGoxVenue

    init(
        _ line: OwnLine, owner: SessionID, url: VenueURL, trust: TLSTrust, like: MtGoxVenue
    ) {
        self.like = like
        self.line = line
        self.owner = owner
        self.url = url
        self.trust = trust
    }

    static func handlers(_ on: inout Handlers<OwnLineKeeper>) {
        on(.started) { me, _, my in me.open(my) }
        on(.connected) { me, _, my in
            my.post(.netLineChanged, to: me.owner, LineChange(client: me.line.client, end: nil))
        }
        on(.disconnected) { me, down, my in me.tell(down.reason, my) }
        on(.childStopped) { me, end, my in
            if end.alias == me.line.link.connection { me.tell("\(end.reason)", my) }
        }
    }

    private func open(_ my: Context) {
        let link = line.link
        let venue = HandedOnVenue(
            client: line.client, owner: owner, like: like)
        my.register(link.connected, link.disconnected)
        my.start(Heartbeat(link, venue.rules), alias: link.heartbeat)
        my.start(
            Connection(link, venue, url: url, trust: trust), alias: link.connection)
    }

    private func tell(_ end: String, _ my: Context) {
        my.post(.netLineChanged, to: owner, LineChange(client: line.client, end: end))
    }
}
