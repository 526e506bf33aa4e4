import OutcryBytes
import OutcryWire
import Testing

@Suite struct ByteQueueTests {
    private func unread(_ queue: ByteQueue) -> [UInt8] {
        queue.withUnread { array($0, 0..<$0.count) }
    }

    @Test func bytesComeOutInOrder() throws {
        let queue = ByteQueue()
        #expect(queue.isEmpty && queue.capacity == 0 && unread(queue) == [])
        try queue.append([1, 2, 3])
        try queue.append("de")
        queue.drop(2)
        #expect(queue.count == 3 && unread(queue) == [3, 0x64, 0x65])
        queue.withMutableUnread { $0[0] = 9 }
        #expect(unread(queue) == [9, 0x64, 0x65])
        queue.removeAll()
        #expect(queue.isEmpty && queue.capacity > 0)
        queue.releaseIfEmpty()
        #expect(queue.capacity == 0)
        try queue.append([7])
        queue.releaseIfEmpty()
        #expect(unread(queue) == [7])
    }

    @Test func consumeDropsAlsoWhenItThrows() throws {
        struct Stop: Error {}
        let queue = ByteQueue()
        try queue.append([1, 2, 3, 4])
        queue.consume { _, position in position = 1 }
        #expect(unread(queue) == [2, 3, 4])
        #expect(throws: Stop.self) {
            try queue.consume { (_, position) throws(Stop) in
                position = 2
                throw Stop()
            }
        }
        #expect(unread(queue) == [4])
    }

    @Test func spaceIsWrittenInPlace() throws {
        let queue = ByteQueue()
        try queue.append([1])
        let free = try queue.withSpace(atLeast: 100) { span in
            span.append(2)
            span.append(3)
            return span.capacity
        }
        #expect(free >= 100 && unread(queue) == [1, 2, 3])
        try queue.withSpace(atLeast: 0) { _ in }
        #expect(unread(queue) == [1, 2, 3])
    }

    @Test func limitIsKept() throws {
        let queue = ByteQueue(limit: 1000)
        try queue.append([UInt8](repeating: 1, count: 600))
        #expect(queue.room == 400)
        #expect(throws: ByteQueueFull(limit: 1000, unread: 600, wanted: 401)) {
            try queue.append([UInt8](repeating: 2, count: 401))
        }
        #expect(queue.count == 600)
        try queue.append([UInt8](repeating: 2, count: 400))
        #expect(queue.room == 0 && queue.capacity == 1000)
        #expect(throws: ByteQueueFull.self) { try queue.reserve(1) }
        #expect(try queue.withSpace(atLeast: 0) { $0.capacity } == 0)
        queue.drop(1)
        try queue.append([3])
        #expect(queue.count == 1000 && unread(queue).last == 3)
        #expect(throws: ByteQueueFull.self) { try queue.reserve(.max) }
    }

    @Test("Few unread bytes move to the front, many make the queue grow: no byte moves often")
    func compactingIsBounded() throws {
        let queue = ByteQueue()
        try queue.append([UInt8](repeating: 1, count: 1024))
        #expect(queue.capacity == 1024)
        queue.drop(600)
        try queue.append([UInt8](repeating: 2, count: 600))
        #expect(queue.capacity == 1024 && queue.count == 1024)
        queue.drop(100)
        try queue.append([UInt8](repeating: 3, count: 50))
        #expect(queue.capacity == 2048 && queue.count == 974)
        #expect(unread(queue).first == 1 && unread(queue).last == 3)
    }

    @Test func capacityIsSteadyInASteadyState() throws {
        let queue = ByteQueue()
        let chunk = [UInt8](repeating: 5, count: 1000)
        for _ in 0..<4 { try queue.append(chunk) }
        let capacity = queue.capacity
        for _ in 0..<10_000 {
            queue.drop(1000)
            try queue.append(chunk)
        }
        #expect(queue.capacity <= capacity * 2 && queue.count == 4000)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func behavesAsAnArray(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let queue = ByteQueue(limit: 5000)
        var model: [UInt8] = []
        for _ in 0..<4000 {
            let size = Int.random(
                in: 0...Int.random(in: 1...2000, using: &generator), using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ model.count) }
                let fits = size <= 5000 - model.count
                do {
                    try queue.append(bytes)
                    model += bytes
                    #expect(fits)
                } catch {
                    #expect(!fits)
                }
            case 2:
                let room = min(size, queue.room)
                try queue.withSpace(atLeast: room) { span in
                    for index in 0..<room { span.append(UInt8(truncatingIfNeeded: index)) }
                }
                model += (0..<room).map { UInt8(truncatingIfNeeded: $0) }
            case 3:
                queue.drop(min(size, model.count))
                model.removeFirst(min(size, model.count))
            default:
                queue.releaseIfEmpty()
            }
            #expect(queue.count == model.count && queue.capacity <= 5000)
        }
        #expect(unread(queue) == model)
        print("seed \(seed)")
    }

    @Test func misuseTraps() async {
        await #expect(processExitsWith: .failure) {
            let queue = ByteQueue()
            queue.drop(1)
        }
        await #expect(processExitsWith: .failure) {
            let queue = ByteQueue()
            try queue.append([1])
            queue.withUnread { _ in queue.drop(1) }
        }
    }
}
