import OutcryKernel
import OutcryMarket
import OutcryServing

// Faults are set, also while the exchange runs.

extension SandboxExchange {
    /// Sets faults, all or none, and answers what is set.
    func setFaults(
        _ ask: Ask<[SandboxFaultSetting], Result<[SandboxFaultSetting], SandboxRefusal>>,
        _ my: Context
    ) {
        do throws(SandboxRefusal) {
            try setFaults(ask.question, my)
            my.answer(ask, .success(faults.settings.settings))
        } catch {
            my.answer(ask, .failure(error))
        }
    }

    /// Sets faults, all or none.
    func setFaults(_ changes: [SandboxFaultSetting], _ my: Context) throws(SandboxRefusal) {
        let settings = try faults.settings.with(changes)
        if settings != faults.settings { change(to: settings, my) }
    }

    /// Begins with the faults of the configuration.
    func beginFaults(_ my: Context) {
        let settings = faults.settings
        faults.settings = SandboxFaults()
        if !settings.isEmpty { change(to: settings, my) }
    }

    private func change(to settings: SandboxFaults, _ my: Context) {
        let before = faults.settings
        var kept = settings
        for fault in SandboxFault.allCases where fault.isDeed { kept[fault] = 0 }
        faults.settings = kept
        let names = SandboxFaults.names.filter { settings.text($0) != before.text($0) }
        my.log.info(
            "faults", names.map { "\($0)=\(settings.text($0) ?? "")" }.joined(separator: " "))
        let lag: [SandboxFault] = [.engineLag, .lagGrowth, .lagBurst, .lagPeriod]
        if lag.contains(where: { before[$0] != kept[$0] }) {
            faults.lagSince = my.wallNow.microseconds
            armQueue(my)
        }
        if kept[.reorderDepth] == 0 { tellLateDepth(my) }
        if kept[.crossBriefly] == 0 { for book in faults.untrue.indices { takeBack(book, my) } }
        setConnections(before, my)
        perform(settings, my)
    }

    /// Does what is done once.
    private func perform(_ deeds: SandboxFaults, _ my: Context) {
        if deeds[.refuse] > 0 { faults.refusesUntil = my.now + deeds[time: .refuse] }
        if deeds[.expireSessions] > 0 { expireSessions(deeds[.expireSessions], my) }
        if deeds[.disconnect] > 0 { disconnect(deeds[.disconnect], my) }
        if deeds[.restart] > 0 {
            counters.faults[.restart] += 1
            restart(deeds[time: .restart], my)
        }
    }

    /// Draws whether a fault happens now, and counts it.
    func hits(_ fault: SandboxFault) -> Bool {
        guard faults.hits(fault) else { return false }
        counters.faults[fault] += 1
        return true
    }
}
