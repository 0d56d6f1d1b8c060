namespace Bitcoin.Interfaces;

/// <summary>What a node does, as counters.</summary>
/// <param name="Peers">The number of connected peers.</param>
/// <param name="Bans">The number of banned addresses and subnets.</param>
/// <param name="BytesReceived">The number of bytes received from peers since the node's start.</param>
/// <param name="BytesSent">The number of bytes sent to peers since the node's start.</param>
/// <param name="PoolTransactions">The number of transactions that wait for a block.</param>
/// <param name="PoolBytes">The virtual size of these transactions, in bytes.</param>
/// <param name="PoolMemory">The memory that these transactions use, in bytes.</param>
public sealed record NodeActivity(
    int Peers,
    int Bans,
    long BytesReceived,
    long BytesSent,
    long PoolTransactions,
    long PoolBytes,
    long PoolMemory);
