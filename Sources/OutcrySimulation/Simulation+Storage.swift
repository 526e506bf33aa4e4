public import OutcryKernel

extension Simulation {
    /// Reads a whole file of the world's disk.
    public func read(_ path: String, _ request: RequestID) {
        finish(request, world.storage.read(path))
    }

    /// Appends to a file of the world's disk.
    public func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        finish(request, world.storage.append(path, bytes))
    }

    /// Puts a new content in the place of the old one, wholly or not at all.
    public func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        finish(request, world.storage.replace(path, bytes))
    }

    /// Takes numbers from a file of the world's disk.
    public func advance(
        _ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID
    ) { finish(request, world.storage.advance(path, past: floor, by: count)) }

    /// Locks a file of the world's disk; who waits gets it in the order of asking, over all simulations.
    public func lock(_ path: String, waits: Bool, _ request: RequestID) {
        let wait = SimulatedStorage.Wait(holder: number, request: request) { [weak self] in
            self?.finish(request, $0)
        }
        finish(request, world.storage.lock(path, by: wait, waits: waits))
    }

    /// Gives a lock back, or ends the wait for it.
    public func unlock(_ path: String, of request: RequestID) {
        world.storage.unlock(path, by: number, request)
    }

    /// A crashed disk says nothing any more.
    private func finish(_ request: RequestID, _ result: RequestResult?) {
        if let result { add(.completed(request, result)) }
    }
}
