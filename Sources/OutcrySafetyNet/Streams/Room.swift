import OutcryComponents
import OutcryServing

/// Who listens to what.
struct Room {
    /// By ``PublicChannel/index``, in the order of subscription; among them some who have left since the
    /// last message.
    private(set) var subscribers: [[NetClient]] = PublicChannel.all.map { _ in [] }
    private var gone = 0

    /// Whether anybody listens to a channel.
    func hasListeners(_ channel: Int) -> Bool { !subscribers[channel].isEmpty }

    mutating func add(_ client: NetClient, to channel: Int) {
        guard !client.channels.contains(channel) else { return }
        client.channels.append(channel)
        subscribers[channel].append(client)
    }

    mutating func remove(_ client: NetClient, from channel: Int) {
        client.channels.removeAll { $0 == channel }
        subscribers[channel].removeAll { $0 === client }
    }

    mutating func forget(_ client: NetClient) {
        client.isGone = true
        gone += 1
        // Not one by one: when thousands leave at once, each would be looked for among thousands.
        if gone >= 256 { sweep() }
    }

    /// Takes those who have left out of the channels.
    mutating func sweep() {
        guard gone > 0 else { return }
        gone = 0
        for channel in subscribers.indices { subscribers[channel].removeAll { $0.isGone } }
    }

    mutating func clear() {
        for channel in subscribers.indices { subscribers[channel] = [] }
        gone = 0
    }
}
