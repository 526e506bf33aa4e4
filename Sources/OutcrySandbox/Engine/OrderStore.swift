import OutcryMarket

/// An order that is not over: resting at a level, a market order that waits, or one without money.
struct OpenOrder {
    let number: OrderNumber
    let owner: OwnerNumber
    /// The limit; 0 of a market order.
    let price: Int64
    let priority: Int64
    var remaining: Int64
    /// How much of what remains its wallet pays for, as far as the book knows.
    var effective: Int64
    /// Its owner's place in the ledger; none without an account.
    let account: Slot
    /// The wallet that it spends; none without an account.
    let wallet: Slot
    /// The level it rests at.
    var level = Slot.none
    // Its neighbours at the level or among those who wait, and in its wallet by number.
    var previous = Slot.none
    var next = Slot.none
    var walletPrevious = Slot.none
    var walletNext = Slot.none
    let book: BookNumber
    let side: OrderSide
    let isMarket: Bool
    /// Whether its fee is paid in the quote, on top of what it costs.
    let prefersFiatFee: Bool

    /// Whether it is neither in the book nor waits.
    var isInvalid: Bool { effective == 0 }
    /// Whether the wallet does not pay for all of it.
    var isShort: Bool { effective < remaining }
}

/// First and last of orders that wait for their turn, as slots of ``OrderStore``.
struct OrderQueue {
    var first = Slot.none
    var last = Slot.none
}

/// The engine's open orders: one array, linked to first-in-first-out queues.
///
/// A slot that was freed is used again; nothing is allocated once the array has grown.
struct OrderStore: ~Copyable {
    private var orders = Slab<OpenOrder>()
    private var firstFree = Slot.none
    private var table = OrderTable()

    var count: Int { table.count }

    subscript(slot: Slot) -> OpenOrder {
        @inline(__always) _read { yield orders[slot] }
        @inline(__always) _modify { yield &orders[slot] }
    }

    /// The slot of an order; none when it is over or never was.
    func find(_ number: OrderNumber) -> Slot { table.find(number.value) }

    /// Keeps an order.
    mutating func add(_ order: OpenOrder) -> Slot {
        let slot: Slot
        if firstFree != .none {
            slot = firstFree
            firstFree = self[slot].next
            self[slot] = order
        } else {
            slot = orders.append(order)
        }
        table.insert(order.number.value, slot)
        return slot
    }

    /// Forgets an order that is in no queue.
    mutating func forget(_ slot: Slot) {
        table.remove(self[slot].number.value)
        self[slot].next = firstFree
        firstFree = slot
    }

    /// Puts an order at the end of a queue.
    mutating func append(_ slot: Slot, to queue: inout OrderQueue) {
        self[slot].previous = queue.last
        self[slot].next = .none
        if queue.last == .none { queue.first = slot } else { self[queue.last].next = slot }
        queue.last = slot
    }

    /// Takes an order out of its queue.
    mutating func remove(_ slot: Slot, from queue: inout OrderQueue) {
        let (previous, next) = (self[slot].previous, self[slot].next)
        if previous == .none { queue.first = next } else { self[previous].next = next }
        if next == .none { queue.last = previous } else { self[next].previous = previous }
    }
}
