using System.Globalization;
using System.Numerics;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Primitives;

/// <summary>
/// The rules of a network. The genesis block and the prefixes of keys come from NBitcoin's object. What that lacks is
/// here: activation heights, limits, names and ports.
/// </summary>
public sealed record NetworkParameters
{
    /// <summary>Makes the rules of a network.</summary>
    /// <param name="currency">The currency.</param>
    /// <param name="name">The name, as -chain takes it.</param>
    /// <param name="directory">The directory below the data directory; empty for none.</param>
    /// <param name="network">NBitcoin's object for the network.</param>
    public NetworkParameters(ICurrency currency, string name, string directory, Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Currency = currency;
        Name = name;
        Directory = directory;
        Network = network;
        Genesis = network.GetGenesis();
        GenesisHash = Genesis.GetHash();
        PowLimit = network.Consensus.PowLimit!.ToBigInteger();
        Magic = network.MagicBytes;
    }

    /// <summary>The currency, with the rules that all its networks share.</summary>
    public ICurrency Currency { get; }

    /// <summary>The name, as -chain takes it.</summary>
    public string Name { get; }

    /// <summary>The directory below the data directory; empty for none.</summary>
    public string Directory { get; }

    /// <summary>The option that chooses the network; empty for the main network.</summary>
    public string Switch => IsMain ? "" : Name == "test" ? "testnet" : Name;

    /// <summary>What the network is, for a list of options: a noun with its article.</summary>
    public string Summary { get; init; } = "";

    /// <summary>NBitcoin's object for the network.</summary>
    public Network Network { get; }

    /// <summary>The four bytes at the start of each network message and of each block in a file.</summary>
    public ReadOnlyMemory<byte> Magic { get; init; }

    /// <summary>The easiest target.</summary>
    public BigInteger PowLimit { get; }

    /// <summary>The first block.</summary>
    public Block Genesis { get; }

    /// <summary>The first block's hash.</summary>
    public uint256 GenesisHash { get; }

    /// <summary>The height from which a coinbase must start with its height.</summary>
    public int Bip34Height { get; init; } = 1;

    /// <summary>The last height at which a coinbase must start with its height.</summary>
    public int LastHeightInCoinbase { get; init; } = int.MaxValue;

    /// <summary>The height from which blocks may have twice the size; never by default.</summary>
    public int LargeBlocksHeight { get; init; } = int.MaxValue;

    /// <summary>The height from which signatures must be strictly encoded.</summary>
    public int Bip66Height { get; init; } = 1;

    /// <summary>The height from which OP_CHECKLOCKTIMEVERIFY is enforced.</summary>
    public int Bip65Height { get; init; } = 1;

    /// <summary>The height from which relative lock times are enforced.</summary>
    public int CsvHeight { get; init; } = 1;

    /// <summary>The height from which blocks commit to witnesses.</summary>
    public int SegwitHeight { get; init; } = 1;

    /// <summary>
    /// The height from which the extra item of OP_CHECKMULTISIG must be empty (BIP147); null for that of segwit.
    /// </summary>
    public int? Bip147Height { get; init; }

    /// <summary>
    /// When miners may begin to vote for the rule that is there for tests. -1: it always holds; -2: never.
    /// </summary>
    public long TestRuleStart { get; init; }

    /// <summary>When it fails that did not get enough votes, in seconds since 1970.</summary>
    public long TestRuleTimeout { get; init; } = long.MaxValue;

    /// <summary>The first height at which it may hold.</summary>
    public int TestRuleHeight { get; init; }

    /// <summary>From where on votes for unknown rules count: the known ones were voted for before.</summary>
    public int UnknownRulesHeight { get; init; }

    /// <summary>Rules of the currency's own that hold from a height on.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> OwnRules { get; init; } = [];

    /// <summary>All rules that hold from a height on, by name, in the order of users' lists.</summary>
    public IEnumerable<KeyValuePair<string, int>> BuriedRules
    {
        get
        {
            yield return new("bip34", Bip34Height);
            yield return new("bip66", Bip66Height);
            yield return new("bip65", Bip65Height);
            yield return new("csv", CsvHeight);
            if (Currency.HasWitnesses)
            {
                yield return new("segwit", SegwitHeight);
            }

            foreach (KeyValuePair<string, int> rule in OwnRules)
            {
                yield return rule;
            }
        }
    }

    /// <summary>The number of seconds that a block is to take.</summary>
    public int SpacingSeconds { get; init; } = 600;

    /// <summary>The number of blocks after which the subsidy falls.</summary>
    public int HalvingInterval { get; init; } = 210_000;

    /// <summary>The number of blocks with the same target.</summary>
    public int RetargetInterval { get; init; } = 2016;

    /// <summary>Whether a block that comes late may have the easiest target.</summary>
    public bool AllowsMinimumDifficulty { get; init; }

    /// <summary>Whether the target changes only after so many blocks, at most by a factor of four.</summary>
    public bool HasPeriodicTargets { get; init; } = true;

    /// <summary>Whether the target never changes.</summary>
    public bool NeverRetargets { get; init; }

    /// <summary>Whether the rules of testnet4 against time warps (BIP94) are enforced.</summary>
    public bool EnforcesBip94 { get; init; }

    /// <summary>Whether consistency checks are on by default.</summary>
    public bool ChecksConsistency { get; init; }

    /// <summary>The script that each block's signature must satisfy; null if blocks are not signed.</summary>
    public Script? SignetChallenge { get; init; }

    /// <summary>The height above which old blocks may be pruned.</summary>
    public int PruneAfterHeight { get; init; } = 1000;

    /// <summary>The work that a chain must have before the node considers itself up to date.</summary>
    public BigInteger MinimumWork { get; init; }

    /// <summary>A block whose ancestors' scripts are assumed to be valid; zero for none.</summary>
    public uint256 AssumeValid { get; init; } = uint256.Zero;

    /// <summary>The default port of JSON-RPC.</summary>
    public int RpcPort { get; init; }

    /// <summary>The default port for peers.</summary>
    public int Port { get; init; }

    /// <summary>The prefix of segwit addresses; empty if there are none.</summary>
    public string AddressPrefix { get; init; } = "";

    /// <summary>The coin's number in the paths of keys (SLIP-44).</summary>
    public int CoinType { get; init; } = 1;

    /// <summary>Heights of blocks from before BIP30 that repeat an earlier coinbase.</summary>
    public IReadOnlyCollection<int> RepeatedHeights { get; init; } = [];

    /// <summary>The earlier blocks, by height: the outputs of their coinbases were lost.</summary>
    public IReadOnlyDictionary<int, uint256> OverwrittenCoinbases { get; init; } = new Dictionary<int, uint256>();

    /// <summary>
    /// From where on a coinbase that starts with its height may repeat an earlier one; never by default.
    /// </summary>
    public int FirstRepeatableHeight { get; init; } = int.MaxValue;

    /// <summary>Blocks that broke rules for scripts, with the rules that they kept.</summary>
    public IReadOnlyDictionary<uint256, ScriptVerify> ScriptExceptions { get; init; }
        = new Dictionary<uint256, ScriptVerify>();

    /// <summary>Blocks that the chain has, by height.</summary>
    public IReadOnlyDictionary<int, uint256> Checkpoints { get; init; } = new Dictionary<int, uint256>();

    /// <summary>Whether the coins are worth money.</summary>
    public bool IsMain => Name == "main";

    /// <summary>Whether this is the private network, on which rules can be changed for tests.</summary>
    public bool IsPrivate => Name == "regtest";

    /// <summary>The largest size of a block without witnesses, in bytes.</summary>
    /// <param name="height">The block's height; the highest number for the largest block of all.</param>
    public int MaxBlockBytes(int height)
        => LargeBlocksHeight != int.MaxValue && height >= LargeBlocksHeight ? 2_000_000 : 1_000_000;

    /// <summary>An amount of work, from hexadecimal digits.</summary>
    public static BigInteger Work(string digits)
        => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>This network with another challenge: a network of its own, with its own magic.</summary>
    public NetworkParameters WithChallenge(Script challenge)
    {
        ArgumentNullException.ThrowIfNull(challenge);
        byte[] script = challenge.ToBytes();
        byte[] serialized = script.Length < 253
            ? [(byte)script.Length, .. script]
            : [253, (byte)script.Length, (byte)(script.Length >> 8), .. script];
        return this with
        {
            SignetChallenge = challenge,
            Magic = Hashes.DoubleSHA256RawBytes(serialized, 0, serialized.Length)[..4],
            MinimumWork = 0,
            AssumeValid = uint256.Zero
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
