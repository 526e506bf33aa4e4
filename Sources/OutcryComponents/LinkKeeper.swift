import OutcryKernel
import OutcryMarket

/// Keeps the supervisor of a link, and has the last word where that gives up: whoever listens to the
/// link's connection hears that it is down for good, which nobody of the link can say any more.
final class LinkKeeper: Session {
    private let link: Link
    private let make: () -> LinkSupervisor

    init(_ link: Link, _ make: @escaping () -> LinkSupervisor) {
        self.link = link
        self.make = make
    }

    static func handlers(_ on: inout Handlers<LinkKeeper>) {
        on(.started) { me, _, my in my.start(me.make()) }
        on(.childStopped) { me, end, my in
            guard case .failed(let reason) = end.reason else { return }
            my.start(
                LastWord(
                    LinkDown(
                        venue: me.link.venue, reason: "the link is given up: \(reason)",
                        retryIn: nil)),
                alias: me.link.connection)
            my.stop()
        }
    }
}

/// Publishes one event under the alias of a connection that is no more.
private final class LastWord: Session {
    private let down: LinkDown
    init(_ down: LinkDown) { self.down = down }

    static func handlers(_ on: inout Handlers<LastWord>) {
        on(.started) { me, _, my in my.publish(.disconnected, me.down) }
    }
}
