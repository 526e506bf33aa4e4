import OutcryComponents
import OutcryKernel
import OutcryMarket

/// A request on its way.
struct MidChainsFlight {
    /// Who wants to know what becomes of it.
    enum Purpose {
        case challenge
        case login
        case place(OrderPlacement)
        case cancel(OrderID)
        case answer(Ask<MidChainsCall, Outcome<[MidChainsReply], CallFailure>>)
    }

    let call: MidChainsCall
    let purpose: Purpose
    let deadline: KernelTime
    /// The pages that have come.
    var pages: [MidChainsReply] = []
    /// Records in them.
    var records = 0
}

/// The requests of one connection that are not answered, in the order in which they went: the venue has no
/// numbers for them. An answer is known by its type, and by the order's own name or the venue's where it has one;
/// otherwise it is that of the oldest request of its type and security.
struct MidChainsFlights {
    private(set) var all: [MidChainsFlight] = []

    mutating func begin(_ flight: MidChainsFlight) { all.append(flight) }

    /// The place of the request that an answer is of; nil for an answer to nothing.
    func place(of answer: MidChainsAnswer) -> Int? {
        let ofType = all.indices.filter { all[$0].call.kind == answer.kind }
        if let id = answer.clientID {
            return ofType.first { all[$0].call.clientID == id }
        }
        if let reference = answer.reference, answer.kind != .addOrder {
            return ofType.first { all[$0].call.reference == reference }
        }
        if answer.kind == .addOrder, let security = answer.security {
            return ofType.first { all[$0].call.security == security }
        }
        return ofType.first
    }

    subscript(place: Int) -> MidChainsFlight {
        get { all[place] }
        set { all[place] = newValue }
    }

    mutating func end(_ place: Int) -> MidChainsFlight { all.remove(at: place) }

    /// Ends what is late.
    mutating func expire(at now: KernelTime) -> [MidChainsFlight] {
        let late = all.filter { $0.deadline <= now }
        all.removeAll { $0.deadline <= now }
        return late
    }

    /// When the next one is late.
    var nextDeadline: KernelTime? { all.map(\.deadline).min() }

    /// Ends all.
    mutating func removeAll() -> [MidChainsFlight] {
        defer { all.removeAll() }
        return all
    }
}
