// Water marks of mailboxes. Nothing is looked at below the high mark: that is where the fast path ends.

/// The bound of a mailbox, and its marks.
struct MailboxMarks: Equatable {
    var limit: UInt32
    var high: UInt32
    var low: UInt32

    init(limit: UInt32 = 65_536) {
        self.limit = limit
        high = limit < 16 ? .max : limit - limit / 4
        low = limit / 4
    }

    /// With so many waiting the next one takes the slow way: it may reach the mark.
    var fast: UInt32 { min(limit, high - 1) }
}

/// A mailbox crossed a water mark.
public struct MailboxPressure: Sendable {
    /// True at the high mark, false at the low one; the two strictly alternate, high first.
    public let isHigh: Bool
    /// How many events were waiting then.
    public let pending: Int
    /// The most that the mailbox takes.
    public let limit: Int
}

extension Event where Payload == MailboxPressure {
    /// The session's mailbox crossed a water mark. Queued like any other event, also when it is full.
    public static let mailboxPressure = Self("mailboxPressure")
}

extension Kernel {
    /// An event was admitted the slow way.
    func noteHigh(_ id: SessionID, _ extras: Extras) {
        guard !extras.isHigh else { return }
        let pending = core.facts(id).pending
        guard pending >= Int(extras.marks.high) else { return }
        extras.isHigh = true
        core.respecial(id, extras)
        tellPressure(id, extras, pending)
    }

    /// Fewer events wait than did: looked at while the mailbox is above its mark.
    func noteLow(_ id: SessionID, _ extras: Extras) {
        let pending = core.facts(id).pending
        guard extras.isHigh, pending <= Int(extras.marks.low) else { return }
        extras.isHigh = false
        core.respecial(id, extras)
        tellPressure(id, extras, pending)
    }

    private func tellPressure(_ id: SessionID, _ extras: Extras, _ pending: Int) {
        guard core.handles(Event.mailboxPressure.id, id) else { return }
        core.postAnyway(
            .mailboxPressure, to: id,
            MailboxPressure(isHigh: extras.isHigh, pending: pending, limit: Int(extras.marks.limit))
        )
    }

    /// Whether the mailbox of `id` is above its high mark: then its wheels read nothing.
    func isCrowded(_ id: SessionID) -> Bool {
        guard let extras = existingExtras(of: id) else { return false }
        return core.facts(id).pending >= Int(extras.marks.high)
    }
}
