namespace Dash;

/// <summary>The types of special transactions (DIP2). Their payloads are carried, not interpreted.</summary>
public enum DashTransactionType
{
    /// <summary>Not special.</summary>
    Normal = 0,

    /// <summary>Registers a masternode (DIP3).</summary>
    MasternodeRegistration = 1,

    /// <summary>Changes a masternode's address (DIP3).</summary>
    MasternodeService = 2,

    /// <summary>Changes a masternode's keys (DIP3).</summary>
    MasternodeRegistrar = 3,

    /// <summary>Revokes a masternode's operator (DIP3).</summary>
    MasternodeRevocation = 4,

    /// <summary>A coinbase that commits to the list of masternodes (DIP4).</summary>
    Coinbase = 5,

    /// <summary>A quorum's commitment (DIP6). It has no inputs and no outputs.</summary>
    QuorumCommitment = 6,

    /// <summary>Masternodes' signal for a hard fork (DIP23). It has no inputs and no outputs.</summary>
    HardForkSignal = 7,

    /// <summary>Locks money for the platform (DIP27).</summary>
    AssetLock = 8,

    /// <summary>Pays money back from the platform (DIP27). It has no inputs.</summary>
    AssetUnlock = 9,
}
