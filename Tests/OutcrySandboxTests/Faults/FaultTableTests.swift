import OutcryKernel
import OutcrySandbox
import Testing

/// Faults by their names: what is taken, refused, and given back.
@Suite struct FaultTableTests {
    @Test func everyFaultIsSetAndReadByItsName() throws {
        var faults = SandboxFaults()
        #expect(faults.isEmpty)
        #expect(SandboxFaults.names.count == SandboxFault.allCases.count)
        for fault in SandboxFault.allCases {
            let name = fault.rawValue
            #expect(!fault.help.isEmpty)
            #expect(faults.text(name) == "off")
            let text: String
            switch fault.unit {
            case .flag: text = "on"
            case .perMille: text = "7"
            case .bytes: text = "20000"
            case .time: text = "1500ms"
            }
            try faults.set(name, text)
            #expect(faults.text(name) == text)
            #expect(faults[fault] > 0)
            try faults.set(name, "off")
            #expect(faults.isEmpty)
        }
        #expect(faults.text("nothing") == nil)
    }

    @Test func timesHaveUnits() throws {
        var faults = SandboxFaults()
        for (text, said) in [
            ("90s", "90s"), ("5m", "5m"), ("300s", "5m"), ("2h", "2h"), ("120m", "2h"),
            ("250ms", "250ms"), ("7us", "7us"), ("30", "30s"), ("0", "off"),
        ] {
            try faults.set("engine-lag", text)
            #expect(faults.text("engine-lag") == said)
        }
        try faults.set("engine-lag", "90s")
        #expect(faults.engineLag == .seconds(90))
        try faults.set("drop-depth", "on")
        #expect(faults[.dropDepth] == 1_000)
    }

    @Test func whatIsNoneIsRefused() {
        var faults = SandboxFaults()
        for (name, text) in [
            ("drop-depth", "1001"), ("drop-depth", "-1"), ("drop-depth", "+1"),
            ("drop-depth", "0.5"), ("drop-depth", ""), ("engine-lag", "169h"),
            ("engine-lag", "9223372036854775807h"), ("engine-lag", "s"), ("engine-lag", "1d"),
            ("errors-after", "yes"), ("errors-after", "2"), ("slow-sockets", "1000000001"),
            ("slow-sockets", "fast"), ("Drop-Depth", "1"), ("", ""),
        ] {
            #expect(throws: SandboxRefusal.self, "\(name)=\(text)") { try faults.set(name, text) }
        }
        #expect(faults.isEmpty)
        do throws(SandboxRefusal) { try faults.set("drop-depth", "x") } catch {
            #expect(
                error.description
                    == "drop-depth: expected off, or how many of a thousand, at most 1000, found \"x\""
            )
        }
    }

    @Test func changesAreAllOrNone() throws {
        let house = try SandboxHouse { $0.faults[.dropDepth] = 5 }
        #expect(throws: SandboxRefusal.self) {
            try house.fault(["double-depth": "10", "nothing": "1"])
        }
        let all = try house.fault([:])
        #expect(all.map(\.name) == SandboxFaults.names)
        #expect(all.filter { $0.value != "off" } == [SandboxFaultSetting("drop-depth", "5")])
        let now = try house.fault(["double-depth": "10", "drop-depth": "off"])
        #expect(now.filter { $0.value != "off" } == [SandboxFaultSetting("double-depth", "10")])
    }
}
