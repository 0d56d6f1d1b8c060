using System.Globalization;
using System.Numerics;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Primitives;

/// <summary>
/// The rules of a network. The genesis block and the prefixes of keys come from NBitcoin. What NBitcoin lacks is here:
/// activation heights, limits, Bitcoin Core's names and ports.
/// </summary>
public sealed record NetworkParameters
{
    private const int Halvings = 64;
    private const string SignetChallengeText =
        "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430"
        + "210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae";

    private NetworkParameters(string name, string directory, Network network)
    {
        Name = name;
        Directory = directory;
        Network = network;
        Genesis = network.GetGenesis();
        GenesisHash = Genesis.GetHash();
        PowLimit = network.Consensus.PowLimit!.ToBigInteger();
        Magic = network.MagicBytes;
    }

    /// <summary>The main network, with real money.</summary>
    public static NetworkParameters Main { get; } = new("main", "", Network.Main)
    {
        Bip34Height = 227_931,
        Bip66Height = 363_725,
        Bip65Height = 388_381,
        CsvHeight = 419_328,
        SegwitHeight = 481_824,
        RpcPort = 8332,
        Port = 8333,
        AddressPrefix = "bc",
        PruneAfterHeight = 100_000,
        UnknownRulesHeight = 711_648,
        MinimumWork = Hex("01128750f82f4c366153a3a030"),
        AssumeValid = uint256.Parse("00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac"),
    };

    /// <summary>The test network, version 3.</summary>
    public static NetworkParameters Test { get; } = new("test", "testnet3", Network.TestNet)
    {
        Bip34Height = 21_111,
        Bip66Height = 330_776,
        Bip65Height = 581_885,
        CsvHeight = 770_112,
        SegwitHeight = 834_624,
        UnknownRulesHeight = 2_013_984,
        AllowsMinimumDifficulty = true,
        RpcPort = 18332,
        Port = 18333,
        MinimumWork = Hex("17dde1c649f3708d14b6"),
        AssumeValid = uint256.Parse("000000007a61e4230b28ac5cb6b5e5a0130de37ac1faf2f8987d2fa6505b67f4"),
    };

    /// <summary>The private test network.</summary>
    public static NetworkParameters Regtest { get; } = new("regtest", "regtest", Network.RegTest)
    {
        SegwitHeight = 0,
        HalvingInterval = 150,
        RetargetInterval = 144,
        AllowsMinimumDifficulty = true,
        NeverRetargets = true,
        RpcPort = 18443,
        Port = 18444,
        AddressPrefix = "bcrt",
        ChecksConsistency = true,
    };

    /// <summary>The test network, version 4.</summary>
    public static NetworkParameters Test4 { get; } = new("testnet4", "testnet4", Network.TestNet4)
    {
        AllowsMinimumDifficulty = true,
        EnforcesBip94 = true,
        RpcPort = 48332,
        Port = 48333,
        MinimumWork = Hex("09a0fe15d0177d086304"),
        AssumeValid = uint256.Parse("0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a"),
    };

    /// <summary>The signed test network.</summary>
    public static NetworkParameters Signet { get; } = new("signet", "signet", NBitcoin.Bitcoin.Instance.Signet)
    {
        SignetChallenge = Script.FromHex(SignetChallengeText),
        RpcPort = 38332,
        Port = 38333,
        MinimumWork = Hex("0b463ea0a4b8"),
        AssumeValid = uint256.Parse("00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329"),
    };

    /// <summary>All networks.</summary>
    public static IReadOnlyList<NetworkParameters> All { get; } = [Main, Test, Test4, Signet, Regtest];

    /// <summary>Bitcoin Core's name.</summary>
    public string Name { get; }

    /// <summary>The directory below the data directory; empty for none.</summary>
    public string Directory { get; }

    /// <summary>NBitcoin's object for the network.</summary>
    public Network Network { get; }

    /// <summary>The four bytes at the start of each network message and of each block in a file.</summary>
    public ReadOnlyMemory<byte> Magic { get; private init; }

    /// <summary>The easiest target.</summary>
    public BigInteger PowLimit { get; }

    /// <summary>The first block.</summary>
    public Block Genesis { get; }

    /// <summary>The first block's hash.</summary>
    public uint256 GenesisHash { get; }

    /// <summary>The height from which a coinbase must start with its height.</summary>
    public int Bip34Height { get; init; } = 1;

    /// <summary>The height from which signatures must be strictly encoded.</summary>
    public int Bip66Height { get; init; } = 1;

    /// <summary>The height from which OP_CHECKLOCKTIMEVERIFY is enforced.</summary>
    public int Bip65Height { get; init; } = 1;

    /// <summary>The height from which relative lock times are enforced.</summary>
    public int CsvHeight { get; init; } = 1;

    /// <summary>The height from which blocks commit to witnesses.</summary>
    public int SegwitHeight { get; init; } = 1;

    /// <summary>
    /// When miners may begin to vote for the rule that is there for tests. -1: it always holds; -2: never.
    /// </summary>
    public long TestRuleStart { get; init; }

    /// <summary>When it fails that did not get enough votes, in seconds since 1970.</summary>
    public long TestRuleTimeout { get; init; } = long.MaxValue;

    /// <summary>The first height at which it may hold.</summary>
    public int TestRuleHeight { get; init; }

    /// <summary>From where on votes for unknown rules count: the known ones were voted for before.</summary>
    public int UnknownRulesHeight { get; private init; }

    /// <summary>The number of blocks with the same subsidy.</summary>
    public int HalvingInterval { get; private init; } = 210_000;

    /// <summary>The number of blocks with the same target.</summary>
    public int RetargetInterval { get; private init; } = 2016;

    /// <summary>Whether a block that comes late may have the easiest target.</summary>
    public bool AllowsMinimumDifficulty { get; private init; }

    /// <summary>Whether the target never changes.</summary>
    public bool NeverRetargets { get; private init; }

    /// <summary>Whether the rules of testnet4 against time warps (BIP94) are enforced.</summary>
    public bool EnforcesBip94 { get; init; }

    /// <summary>Whether consistency checks are on by default.</summary>
    public bool ChecksConsistency { get; private init; }

    /// <summary>The script that each block's signature must satisfy; null if blocks are not signed.</summary>
    public Script? SignetChallenge { get; private init; }

    /// <summary>The height above which old blocks may be pruned.</summary>
    public int PruneAfterHeight { get; init; } = 1000;

    /// <summary>The work that a chain must have before the node considers itself up to date.</summary>
    public BigInteger MinimumWork { get; init; }

    /// <summary>A block whose ancestors' scripts are assumed to be valid; zero for none.</summary>
    public uint256 AssumeValid { get; init; } = uint256.Zero;

    /// <summary>The default port of JSON-RPC.</summary>
    public int RpcPort { get; private init; }

    /// <summary>The default port for peers.</summary>
    public int Port { get; private init; }

    /// <summary>The prefix of segwit addresses.</summary>
    public string AddressPrefix { get; private init; } = "tb";

    /// <summary>The network of a name; null if there is none.</summary>
    public static NetworkParameters? Find(string name) => All.FirstOrDefault(network => network.Name == name);

    /// <summary>Signet with another challenge: a network of its own, with its own magic.</summary>
    public static NetworkParameters CustomSignet(Script challenge)
    {
        byte[] script = challenge.ToBytes();
        byte[] serialized = script.Length < 253
            ? [(byte)script.Length, .. script]
            : [253, (byte)script.Length, (byte)(script.Length >> 8), .. script];
        return Signet with
        {
            SignetChallenge = challenge,
            Magic = Hashes.DoubleSHA256RawBytes(serialized, 0, serialized.Length)[..4],
            MinimumWork = 0,
            AssumeValid = uint256.Zero
        };
    }

    /// <summary>The subsidy at a height, in satoshis.</summary>
    public long Subsidy(int height)
    {
        int halvings = height / HalvingInterval;
        return halvings >= Halvings ? 0 : (50 * Money.COIN) >> halvings;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static BigInteger Hex(string digits)
        => BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
