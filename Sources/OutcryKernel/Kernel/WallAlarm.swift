/// An alarm by the calendar: when the calendar clock is set, it moves along.
final class WallAlarm: AlarmAction {
    var wall: WallTime
    let action: AlarmAction

    init(_ wall: WallTime, _ action: AlarmAction) {
        self.wall = wall
        self.action = action
    }

    override func run(_ kernel: Kernel, _ owner: SessionID, isRepeated: Bool) {
        action.run(kernel, owner, isRepeated: isRepeated)
    }

    /// The clock may have been slewed meanwhile: never before its time.
    override func early(_ kernel: Kernel) -> KernelTime? {
        wall > kernel.wallNow ? kernel.moment(of: wall) : nil
    }

    override func adjusted(to due: KernelTime, _ kernel: Kernel) {
        wall = kernel.wallNow + (due - kernel.now)
    }

    override var plain: AlarmAction { action }
}

extension Kernel {
    /// When the calendar will say `wall`, as far as is known now.
    func moment(of wall: WallTime) -> KernelTime { now + (wall - wallNow) }

    /// The calendar clock was set.
    func moveWallAlarms() {
        for id in alarms.inOrder(where: { $0.fire is WallAlarm }) {
            guard let alarm = alarms.alarms[Int(id.slot)].fire as? WallAlarm else { continue }
            alarms.move(id, to: moment(of: alarm.wall))
        }
    }
}

extension Context {
    /// Posts `event` to this session when the calendar says `time`, at once if that is past. When the
    /// calendar clock is set meanwhile, the alarm moves along.
    @discardableResult public func at<P>(
        wall time: WallTime, _ event: Event<P>, _ payload: P, named name: String? = nil
    ) -> AlarmID {
        core.kernel.arm(
            at: core.kernel.moment(of: time), period: nil, owner: id, event: 0,
            WallAlarm(time, AlarmPost(event, payload)), named: name)
    }

    /// Posts an event without payload to this session when the calendar says `time`.
    @discardableResult public func at(
        wall time: WallTime, _ event: Event<Void>, named name: String? = nil
    ) -> AlarmID { at(wall: time, event, (), named: name) }
}
