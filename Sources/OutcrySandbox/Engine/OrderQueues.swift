import OutcryMarket

/// An open order: resting at a level, or a market order that waits for one.
struct OpenOrder {
    let number: OrderNumber
    let owner: OwnerNumber
    let side: OrderSide
    var remaining: Int64
    /// The level it rests at; none for a market order.
    let level: Slot
    var previous = Slot.none
    var next = Slot.none
}

/// First and last of orders that wait for their turn, as slots of ``OrderQueues``.
struct OrderQueue {
    var first = Slot.none
    var last = Slot.none
}

/// The engine's open orders: one array, linked to first-in-first-out queues.
struct OrderQueues {
    private var orders: [OpenOrder] = []
    private var freeSlots: [Slot] = []
    /// Only looked up, never walked: its order differs from process to process.
    private var slots: [OrderNumber: Slot] = [:]

    var count: Int { slots.count }

    subscript(slot: Slot) -> OpenOrder {
        get { orders[Int(slot)] }
        _modify { yield &orders[Int(slot)] }
    }

    func find(_ number: OrderNumber) -> Slot? { slots[number] }

    /// Adds an order at the end of the queue.
    mutating func append(_ order: OpenOrder, to queue: inout OrderQueue) {
        let slot: Slot
        if let free = freeSlots.popLast() {
            slot = free
            self[slot] = order
        } else {
            precondition(orders.count < Int(Slot.max), "an engine has less than 2^31 open orders")
            slot = Slot(orders.count)
            orders.append(order)
        }
        self[slot].previous = queue.last
        if queue.last == .none { queue.first = slot } else { self[queue.last].next = slot }
        queue.last = slot
        slots[order.number] = slot
    }

    /// Takes an order out of the queue.
    mutating func remove(_ slot: Slot, from queue: inout OrderQueue) {
        let order = self[slot]
        if order.previous == .none {
            queue.first = order.next
        } else {
            self[order.previous].next = order.next
        }
        if order.next == .none {
            queue.last = order.previous
        } else {
            self[order.next].previous = order.previous
        }
        slots[order.number] = nil
        freeSlots.append(slot)
    }
}
