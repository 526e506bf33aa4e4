import OutcrySimulation
import Testing

@testable import OutcryKernel

/// The kernel's tables beside the standard library's.
@Suite struct TableTests {
    /// Numbers as the kernel gives them out, and numbers that meet in the same places.
    @Test(arguments: [UInt64(1), 1 << 32, 0x1_0000_0001, 8])
    func numberMapIsADictionary(step: UInt64) {
        var random = SeededGenerator(seed: step)
        var map = NumberMap<Int>()
        var twin: [UInt64: Int] = [:]
        for round in 0..<20_000 {
            let number = UInt64.random(in: 0..<200, using: &random) &* step
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                map[number] = round
                twin[number] = round
            case 2: #expect(map.removeValue(forKey: number) == twin.removeValue(forKey: number))
            default: #expect(map[number] == twin[number], "step \(step), round \(round)")
            }
            #expect(map.count == twin.count && map.isEmpty == twin.isEmpty)
        }
        #expect(map.numbers == twin.keys.sorted())
        #expect(map.values == twin.sorted { $0.key < $1.key }.map(\.value))
        for number in twin.keys { map[number] = nil }
        #expect(map.isEmpty && map.numbers.isEmpty && map[0] == nil)
    }

    @Test func textMapIsADictionary() {
        var random = SeededGenerator(seed: 3)
        var map = TextMap<Int>()
        var twin: [String: Int] = [:]
        for round in 0..<5_000 {
            let text = "name \(Int.random(in: 0..<100, using: &random))"
            if Bool.random(using: &random) {
                map[text] = round
                twin[text] = round
            } else if Bool.random(using: &random) {
                map[text] = nil
                twin[text] = nil
            }
            #expect(map[text] == twin[text], "round \(round)")
            #expect(map.isEmpty == twin.isEmpty)
        }
    }

    @Test func wheelsAreFoundByTheWholeNumber() {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let table = WheelTable()
        let first = AnyWheel(kernel, owner: .none)
        let second = AnyWheel(kernel, owner: .none)
        let old = TransportID(number: 1 << 32 | 3)
        let new = TransportID(number: 2 << 32 | 3)
        table[old] = first
        #expect(table[old] === first && table[new] == nil)
        table[new] = second
        #expect(table[old] == nil && table[new] === second)
        table[old] = nil
        #expect(table[new] === second, "who is gone takes nobody along")
        table[new] = nil
        #expect(table[new] == nil && table[TransportID(number: 900)] == nil)
    }

    /// The table alone keeps its wheels, for as long as they stand in it; lending counts nothing.
    @Test func wheelsAreKeptAndLetGo() {
        let kernel = Kernel(driver: Simulation(seed: 1))
        let id = TransportID(number: 1 << 32 | 3)
        weak var first: AnyWheel?
        weak var second: AnyWheel?
        do {
            let table = WheelTable()
            func put() -> AnyWheel {
                let wheel = AnyWheel(kernel, owner: .none)
                table[id] = wheel
                return wheel
            }
            first = put()
            #expect(first != nil && table.lend(id) { $0.number } == first?.number)
            #expect(table.lend(TransportID(number: 2 << 32 | 3)) { $0.number } == nil)
            second = put()
            #expect(first == nil && second != nil, "who is replaced is let go")
            table[id] = nil
            #expect(second == nil, "who is taken out is let go")
            first = put()
        }
        #expect(first == nil, "the table's end lets go")
    }

    @Test func aLentTableIsNotChanged() async {
        await #expect(processExitsWith: .failure) {
            let kernel = Kernel(driver: Simulation(seed: 1))
            let id = TransportID(number: 1 << 32 | 3)
            kernel.wheels[id] = AnyWheel(kernel, owner: .none)
            kernel.wheels.lend(id) { _ in kernel.wheels[id] = nil }
        }
    }
}
