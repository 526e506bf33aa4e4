public import OutcryKernel

extension Event where Payload == SocketAddress {
    /// Published by a SafetyNet: it listens here, from now on.
    public static let safetyNetOpened = Self("safetyNetOpened")
}

extension Event where Payload == Ask<Void, SafetyNetStatus> {
    /// To a SafetyNet: how are you, and what have you done?
    public static let safetyNetStatus = Self("safetyNetStatus")
}

extension Event where Payload == SafetyNetAccess {
    /// To a SafetyNet: who may come is this, from now on. Who is there stays.
    public static let safetyNetAccess = Self("safetyNetAccess")
}

extension Event where Payload == [SafetyNetDoor] {
    /// To a SafetyNet: these doors in place of the old ones, for instance with a new certificate. Who is
    /// there stays.
    public static let safetyNetDoors = Self("safetyNetDoors")
}

extension Event where Payload == Duration {
    /// To a SafetyNet: let nobody in any more, answer what was asked, say goodbye, write what is to be
    /// written, and end, after so long at the latest.
    public static let safetyNetDrain = Self("safetyNetDrain")
}

extension Event where Payload == Void {
    static let netResync = Self("safetyNet.resync")
    static let netHistory = Self("safetyNet.history")
    static let netSync = Self("safetyNet.sync")
    static let netFailover = Self("safetyNet.failover")
    static let netProbed = Self("safetyNet.probed")
    static let netDrainLook = Self("safetyNet.drainLook")
    static let netDrainEnd = Self("safetyNet.drainEnd")
}
