/// The alarms: a 4-ary heap by (deadline, order of setting), with back-indices, so that setting, moving
/// and cancelling cost O(log n) and equal deadlines fire in the order they were set.
///
/// A timing wheel is some 2.5 times cheaper, but fires out of deadline order inside a tick (KERNEL.md).
final class AlarmHeap {
    /// In this order it takes 56 bytes; a server has one for each of its clients.
    struct Alarm {
        var generation: UInt32 = 0
        /// Place in the heap; `.max` while free.
        var position = UInt32.max
        var owner = SessionID.none
        /// The event of an alarm without payload; 0 where `fire` does the work.
        var event: UInt32 = 0
        /// The owner's other alarms: a chain through the slots, so that a stop finds them at once.
        fileprivate var previous = UInt32.max
        fileprivate var next = UInt32.max
        var catchesUp = false
        /// Its owner has a name for it.
        var isNamed = false
        var period: Int64 = 0
        var cause: UInt64 = 0
        var fire: AlarmAction?

        init(
            owner: SessionID = .none, event: UInt32 = 0, period: Int64 = 0,
            catchesUp: Bool = false, cause: UInt64 = 0, isNamed: Bool = false,
            fire: AlarmAction? = nil, generation: UInt32 = 0
        ) {
            self.owner = owner
            self.event = event
            self.period = period
            self.catchesUp = catchesUp
            self.cause = cause
            self.isNamed = isNamed
            self.fire = fire
            self.generation = generation
        }
    }
    private struct Node {
        var due: Int64
        var order: UInt64
        var slot: UInt32
        static func < (a: Node, b: Node) -> Bool {
            a.due != b.due ? a.due < b.due : a.order < b.order
        }
    }

    @safe @exclusivity(unchecked) private var heap: [Node] = []
    @safe @exclusivity(unchecked) private(set) var alarms: [Alarm] = []
    private var free: [UInt32] = []
    private var order: UInt64 = 0

    var count: Int { heap.count }
    var nextDue: KernelTime? { heap.first.map { KernelTime(nanoseconds: $0.due) } }

    /// - Parameter first: The head of the owner's chain of alarms, which the new one becomes.
    func set(_ due: KernelTime, _ alarm: consuming Alarm, first: inout UInt32) -> AlarmID {
        let slot: UInt32
        if let old = free.popLast() {
            slot = old
        } else {
            slot = UInt32(alarms.count)
            alarms.append(Alarm())
        }
        alarm.generation = alarms[Int(slot)].generation
        let generation = alarm.generation
        alarm.next = first
        if first != .max { alarms[Int(first)].previous = slot }
        first = slot
        alarms[Int(slot)] = alarm
        order &+= 1
        let node = Node(due: due.nanoseconds, order: order, slot: slot)
        heap.append(node)
        rise(heap.count - 1, node)
        return AlarmID(slot: slot, generation: generation)
    }

    func contains(_ id: AlarmID) -> Bool {
        Int(id.slot) < alarms.count && alarms[Int(id.slot)].generation == id.generation
            && alarms[Int(id.slot)].position != .max
    }

    func due(_ id: AlarmID) -> KernelTime? {
        guard contains(id) else { return nil }
        return KernelTime(nanoseconds: heap[Int(alarms[Int(id.slot)].position)].due)
    }

    /// Some alarms, in the order in which they are due.
    func inOrder(where isWanted: (Alarm) -> Bool) -> [AlarmID] {
        heap.filter { isWanted(alarms[Int($0.slot)]) }.sorted(by: <)
            .map { AlarmID(slot: $0.slot, generation: alarms[Int($0.slot)].generation) }
    }

    func move(_ id: AlarmID, to due: KernelTime) {
        order &+= 1
        replace(
            Int(alarms[Int(id.slot)].position),
            Node(due: due.nanoseconds, order: order, slot: id.slot))
    }

    /// - Parameter first: The head of the chain of alarms of the alarm's owner.
    @discardableResult func remove(_ id: AlarmID, first: inout UInt32) -> Alarm? {
        guard contains(id) else { return nil }
        let alarm = alarms[Int(id.slot)]
        take(Int(alarm.position))
        if alarm.next != .max { alarms[Int(alarm.next)].previous = alarm.previous }
        if alarm.previous != .max {
            alarms[Int(alarm.previous)].next = alarm.next
        } else {
            first = alarm.next
        }
        alarms[Int(id.slot)] = Alarm(generation: alarm.generation &+ 1)
        free.append(id.slot)
        return alarm
    }

    /// Removes a whole chain, and says how many that were.
    func removeAll(first: inout UInt32) -> Int {
        var count = 0
        while first != .max {
            remove(
                AlarmID(slot: first, generation: alarms[Int(first)].generation), first: &first)
            count += 1
        }
        return count
    }

    /// The alarm that is due first, if it is due.
    func first(at now: KernelTime) -> (id: AlarmID, due: KernelTime, alarm: Alarm)? {
        guard let node = heap.first, node.due <= now.nanoseconds else { return nil }
        let alarm = alarms[Int(node.slot)]
        return (
            AlarmID(slot: node.slot, generation: alarm.generation),
            KernelTime(nanoseconds: node.due), alarm
        )
    }

    // MARK: Heap

    private func place(_ i: Int, _ node: Node) {
        heap[i] = node
        alarms[Int(node.slot)].position = UInt32(truncatingIfNeeded: i)
    }

    private func rise(_ start: Int, _ node: Node) {
        var i = start
        while i > 0 {
            let parent = (i - 1) / 4
            guard node < heap[parent] else { break }
            place(i, heap[parent])
            i = parent
        }
        place(i, node)
    }

    private func sink(_ start: Int, _ node: Node) {
        var i = start
        while true {
            let first = i * 4 + 1
            guard first < heap.count else { break }
            var least = first
            for child in (first + 1)..<max(first + 1, min(first + 4, heap.count))
            where heap[child] < heap[least] { least = child }
            guard heap[least] < node else { break }
            place(i, heap[least])
            i = least
        }
        place(i, node)
    }

    private func replace(_ i: Int, _ node: Node) {
        if i > 0, node < heap[(i - 1) / 4] { rise(i, node) } else { sink(i, node) }
    }

    private func take(_ i: Int) {
        let last = heap.removeLast()
        if i < heap.count { replace(i, last) }
    }
}

/// What an alarm with a payload, or one of the kernel's own, does when it is due.
class AlarmAction {
    func run(_ kernel: Kernel, _ owner: SessionID, isRepeated: Bool) {}
    /// When it is to be looked at again, where its time has not come after all.
    func early(_ kernel: Kernel) -> KernelTime? { nil }
    /// Its owner moved it.
    func adjusted(to due: KernelTime, _ kernel: Kernel) {}
    /// What posts the event.
    var plain: AlarmAction { self }
    /// The event that it posts; nil where it does something else.
    var event: UInt32? { nil }
}

final class AlarmPost<P>: AlarmAction {
    let name: Event<P>
    let payload: P
    init(_ event: Event<P>, _ payload: P) {
        name = event
        self.payload = payload
    }
    override var event: UInt32? { name.id }
    override func run(_ kernel: Kernel, _ owner: SessionID, isRepeated: Bool) {
        kernel.ring(name, owner, payload, isRepeated: isRepeated)
    }
}

final class AlarmCall: AlarmAction {
    let body: (Kernel) -> Void
    init(_ body: @escaping (Kernel) -> Void) { self.body = body }
    override func run(_ kernel: Kernel, _ owner: SessionID, isRepeated: Bool) { body(kernel) }
}

/// One alarm that was set. It is stale once the alarm has fired or was cancelled.
public struct AlarmID: Hashable, Sendable {
    let slot: UInt32
    let generation: UInt32
    /// What a session that has ended gets.
    static let stale = AlarmID(slot: .max, generation: 0)
}

/// What a repeated alarm does when its turn comes late.
public enum LatePolicy: Sendable {
    /// Fires once, and goes on with the next beat that lies ahead.
    case skip
    /// Fires once for every beat that was missed.
    case catchUp
}
