using Multiprocess.CapnProto;

namespace Bitcoin.Core;

/// <summary>A block by its hash and its height.</summary>
/// <param name="Hash">32 bytes in the order of the network; printed in reverse.</param>
/// <param name="Height">The distance from the genesis block.</param>
[CapnpStruct(0xb3be4b8949350369)]
public sealed record BlockRef(byte[] Hash, int Height);

/// <summary>What goes into a block template.</summary>
[CapnpStruct(0x80fca083ef81a559)]
public sealed record BlockCreateOptions
{
    /// <summary>Whether transactions of the mempool are included. Default true.</summary>
    [CapnpField(0, Default = true)]
    public bool UseMempool { get; init; } = true;

    /// <summary>The weight kept free for the header and the coinbase. Default 8,000; 2,000 to 4,000,000.</summary>
    [CapnpField(1, Default = 8000UL)]
    public ulong BlockReservedWeight { get; init; } = 8000;

    /// <summary>
    /// The cost of signature operations kept free for the coinbase's outputs. Default 400; at most 80,000.
    /// </summary>
    [CapnpField(2, Default = 400UL)]
    public ulong CoinbaseOutputMaxAdditionalSigops { get; init; } = 400;
}

/// <summary>What to wait for.</summary>
[CapnpStruct(0x9ba437d9de0c452e)]
public sealed record BlockWaitOptions
{
    /// <summary>The longest time to wait, in milliseconds. Default: for ever.</summary>
    [CapnpField(0, Default = double.MaxValue)]
    public double Timeout { get; init; } = double.MaxValue;

    /// <summary>By how many satoshis the fees must be higher. Default: fees do not matter.</summary>
    [CapnpField(1, Default = MaxMoney)]
    public long FeeThreshold { get; init; } = MaxMoney;

    /// <summary>All satoshis that there can be.</summary>
    public const long MaxMoney = 2_100_000_000_000_000;
}

/// <summary>What to check.</summary>
[CapnpStruct(0x89f3f39b6c9dd162)]
public sealed record BlockCheckOptions
{
    /// <summary>Whether to check the merkle root. Default true.</summary>
    [CapnpField(0, Default = true)]
    public bool CheckMerkleRoot { get; init; } = true;

    /// <summary>Whether to check the proof of work. Default true.</summary>
    [CapnpField(1, Default = true)]
    public bool CheckPow { get; init; } = true;
}

/// <summary>What the coinbase of a block must contain. The miner adds outputs for the remaining reward.</summary>
[CapnpStruct(0xdc399c6d34ae7e69)]
public sealed record CoinbaseTx
{
    /// <summary>The transaction's version.</summary>
    [CapnpField(0)]
    public uint Version { get; init; }

    /// <summary>The sequence number of its input.</summary>
    [CapnpField(1)]
    public uint Sequence { get; init; }

    /// <summary>What the script of its input begins with: the height. The whole has 2 to 100 bytes.</summary>
    [CapnpField(2)]
    public byte[] ScriptSigPrefix { get; init; } = [];

    /// <summary>The element of its witness; null for none.</summary>
    [CapnpField(3)]
    public byte[]? Witness { get; init; }

    /// <summary>Subsidy and fees, in satoshis.</summary>
    [CapnpField(4)]
    public long BlockRewardRemaining { get; init; }

    /// <summary>Outputs that must be there, as on the network.</summary>
    [CapnpField(5)]
    public byte[][] RequiredOutputs { get; init; } = [];

    /// <summary>The transaction's lock time.</summary>
    [CapnpField(6)]
    public uint LockTime { get; init; }
}
