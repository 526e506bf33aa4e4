extension MidChainsCredentials {
    /// Takes a user from the environment: `OUTCRY_MIDCHAINS_USER` and `OUTCRY_MIDCHAINS_PASSWORD`.
    ///
    /// - Returns: Nil where one of them is not set, or cannot be used.
    public static func fromEnvironment() -> MidChainsCredentials? {
        let names = ["OUTCRY_MIDCHAINS_USER", "OUTCRY_MIDCHAINS_PASSWORD"]
        let values = ProcessEnvironment.values(of: names)
        guard let user = values[names[0]], let password = values[names[1]] else { return nil }
        return MidChainsCredentials(user: user, password: password)
    }
}
