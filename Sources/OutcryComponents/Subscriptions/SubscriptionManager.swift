public import OutcryKernel

/// Keeps the subscriptions of a link: asks for what is wanted in a fixed, paced order each time the link
/// comes up, asks again for what is not confirmed, says what is refused.
public final class SubscriptionManager: Session {
    private let link: Link
    private let venue: any Venue
    private var machine: SubscriptionMachine

    /// Makes the manager of `link`; it wants the channels of the link's instruments.
    public init(_ link: Link, _ venue: any Venue) {
        self.link = link
        self.venue = venue
        machine = SubscriptionMachine(
            link.instruments.flatMap { venue.channels(for: $0) },
            pace: venue.rules.subscriptionPace, timeout: venue.rules.subscriptionTimeout)
    }

    /// Declares the handlers.
    public static func handlers(_ on: inout Handlers<SubscriptionManager>) {
        on(.started) { me, _, my in
            my.register(
                me.link.connected, me.link.disconnected, me.link.subscribed, me.link.channelStale,
                Topic(.unsubscribed, from: me.link.connection))
        }
        on(.connected) { me, _, my in
            me.machine.up(at: my.now)
            me.step(my)
        }
        on(.disconnected) { me, _, my in
            me.machine.down()
            my.cancel(named: "step")
        }
        on(.subscribed) { me, channel, my in
            me.machine.confirm(channel)
            my.log.debug("subscribed", channel)
        }
        on(.unsubscribed) { me, channel, my in
            me.machine.lose(channel)
            me.step(my)
        }
        on(.channelStale) { me, silence, my in
            me.machine.lose(silence.channel)
            me.step(my)
        }
        on(.confirmedChannels) { me, ask, my in my.answer(ask, me.machine.confirmed) }
        on(.subscriptionStep) { me, _, my in me.step(my) }
        on(.subscribe) { me, channel, my in
            me.machine.want(channel)
            me.step(my)
        }
        on(.unsubscribe) { me, channel, my in
            guard me.machine.drop(channel), let text = me.venue.unsubscribeMessage(channel) else {
                return
            }
            my.post(.send, to: me.link.connection, text)
        }
    }

    private func step(_ my: Context) {
        let step = machine.step(at: my.now)
        if let channel = step.ask {
            my.post(.send, to: link.connection, venue.subscribeMessage(channel))
        }
        for channel in step.refused {
            my.log.warning("subscription refused", channel)
            my.publish(.subscriptionRefused, channel)
        }
        if let next = step.next {
            my.at(next, .subscriptionStep, named: "step")
        } else {
            my.cancel(named: "step")
        }
    }
}

extension Event where Payload == Ask<Void, [Channel]> {
    /// Asks the keeper of a link's subscriptions which channels are confirmed now: for who starts when the link is
    /// up already.
    public static let confirmedChannels = Self("subscriptions.confirmed")
}
extension Event where Payload == Void {
    static let subscriptionStep = Self("subscriptions.step")
}
