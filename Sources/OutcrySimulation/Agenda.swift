/// What will happen in a simulated world: a heap by (time, order of planning).
struct Agenda {
    typealias Action = (SimulatedWorld) -> Void
    private struct Item {
        let due: Int64
        let order: UInt64
        let action: Action
        static func < (a: Item, b: Item) -> Bool {
            a.due != b.due ? a.due < b.due : a.order < b.order
        }
    }

    private var heap: [Item] = []
    private var order: UInt64 = 0

    var nextDue: Int64? { heap.first?.due }

    mutating func add(_ due: Int64, _ action: @escaping Action) {
        order += 1
        heap.append(Item(due: due, order: order, action: action))
        var i = heap.count - 1
        while i > 0, heap[i] < heap[(i - 1) / 2] {
            heap.swapAt(i, (i - 1) / 2)
            i = (i - 1) / 2
        }
    }

    /// Takes the first action that is due.
    mutating func pop(at now: Int64) -> Action? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var i = 0
            while true {
                var least = i
                for child in [2 * i + 1, 2 * i + 2]
                where child < heap.count && heap[child] < heap[least] { least = child }
                guard least != i else { break }
                heap.swapAt(i, least)
                i = least
            }
        }
        return first.action
    }
}
