"""The application crypto machine (应用密码机): its keys and their versions, its protocol, and two ways to reach one.

`SoftwareCryptoMachine` works inside this process, `CryptoMachinePool` over TCP; both are a `CryptoMachine` of
`reference.ports`. The protocol's facts are in `commands.toml`.
"""
