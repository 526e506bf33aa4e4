public import OutcryKernel

/// Watches a connection for silence: of single channels (`channelStale`), of everything
/// (`connectionStale`). Where a connection is late it has another one made. It looks at counts now and then; a message costs it nothing.
public final class Heartbeat: Session {
    private let link: Link
    private var machine: HeartbeatMachine
    private let interval: Duration

    /// Makes the heartbeat of `link`.
    public init(_ link: Link, _ rules: VenueRules) {
        self.link = link
        machine = HeartbeatMachine(silence: rules.silence, rareChannels: rules.rareChannels)
        interval = max(.milliseconds(100), min(.seconds(5), rules.silence / 6))
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<Heartbeat>) {
        on(.started) { me, _, my in my.every(me.interval, .heartbeat) }
        on(.heartbeat) { me, _, my in
            my.ask(
                .pulse, to: me.link.connection, (), timeout: me.interval, then: .heartbeatReading)
        }
        on(.heartbeatReading) { me, answer, my in
            guard case .reply(let reading) = answer else { return }
            for finding in me.machine.look(reading, at: my.now) {
                switch finding {
                case .ping: my.post(.ping, to: me.link.connection)
                case .late(let silent):
                    my.log.info("connection late", silent)
                    my.post(.renewConnection, to: me.link.connection)
                case .connection(let silent):
                    my.log.warning("connection silent", silent)
                    my.publish(.connectionStale, silent)
                case .channel(let channel, let silent):
                    my.log.warning("channel silent", channel, silent)
                    my.publish(.channelStale, Silence(channel: channel, lasting: silent))
                }
            }
        }
    }
}

extension Event where Payload == Void {
    static let heartbeat = Self("heartbeat.look")
}

extension Event where Payload == Answer<PulseReading> {
    static let heartbeatReading = Self("heartbeat.reading")
}
