import Testing

extension ProgramTests {
    @Suite(.serialized) struct SimulateTests {
        @Test func aSeedIsARun() throws {
            func hash(_ seed: Int) throws -> String {
                let end = try Child.run(
                    "outcry", "simulate", "--seconds", "10", "--hash", "--seed", "\(seed)")
                #expect(end.status == 0, "\(end.errors)")
                #expect(end.output == end.lastLine + "\n", "the hash alone")
                #expect(end.lastLine.count == 16)
                #expect(end.lastLine.allSatisfy { $0.isHexDigit })
                return end.lastLine
            }
            let seven = try hash(7)
            #expect(try hash(7) == seven)
            #expect(try hash(8) != seven)
        }

        @Test func saysWhatItFound() throws {
            let right = try Child.run("outcry", "simulate", "--seconds", "5")
            #expect(right.status == 0)
            #expect(right.output.contains("book verified: equal to the exchange's, "))
            let wrong = try Child.run("outcry", "simulate", "--seconds", "5", "--drop-last-depth")
            #expect(wrong.status == 1)
            #expect(wrong.output.contains("book NOT equal to the exchange's: bid level 1: "))
        }
    }
}
