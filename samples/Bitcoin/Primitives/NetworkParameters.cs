using System.Text;

namespace Bitcoin.Primitives;

/// <summary>What distinguishes one Bitcoin network from another: its magic, its first block, and from which heights which rules hold.</summary>
public sealed class NetworkParameters
{
    private NetworkParameters(string name, string directory, byte[] magic, CompactTarget powLimit, Block genesis)
    {
        if (!powLimit.TryExpand(out UInt256 limit))
        {
            throw new ArgumentException($"Proof-of-work limit of {name}: expected a target, came {powLimit}.", nameof(powLimit));
        }

        Name = name;
        Directory = directory;
        Magic = magic;
        PowLimit = limit;
        Genesis = genesis;
    }

    /// <summary>The network on which bitcoins have a price.</summary>
    public static NetworkParameters Main { get; } = new("main", "", [0xf9, 0xbe, 0xb4, 0xd9], new(0x1d00ffff), MakeGenesis(1231006505, 2083236893, 0x1d00ffff))
    {
        Bip34Height = 227_931,
        Bip66Height = 363_725,
        Bip65Height = 388_381,
        CsvHeight = 419_328,
        SegwitHeight = 481_824,
        HalvingInterval = 210_000,
        RetargetInterval = 2016,
        RpcPort = 8332,
        AddressPrefix = "bc",
        PublicKeyVersion = 0,
        ScriptVersion = 5,
    };

    /// <summary>The public test network, version 3.</summary>
    public static NetworkParameters Test { get; } = new("test", "testnet3", [0x0b, 0x11, 0x09, 0x07], new(0x1d00ffff), MakeGenesis(1296688602, 414098458, 0x1d00ffff))
    {
        Bip34Height = 21_111,
        Bip66Height = 330_776,
        Bip65Height = 581_885,
        CsvHeight = 770_112,
        SegwitHeight = 834_624,
        HalvingInterval = 210_000,
        RetargetInterval = 2016,
        AllowsMinimumDifficulty = true,
        RpcPort = 18332,
    };

    /// <summary>A private network on which anybody mines a block in a moment.</summary>
    public static NetworkParameters Regtest { get; } = new("regtest", "regtest", [0xfa, 0xbf, 0xb5, 0xda], new(0x207fffff), MakeGenesis(1296688602, 2, 0x207fffff))
    {
        Bip34Height = 1,
        Bip66Height = 1,
        Bip65Height = 1,
        CsvHeight = 1,
        SegwitHeight = 0,
        HalvingInterval = 150,
        RetargetInterval = 2016,
        AllowsMinimumDifficulty = true,
        NeverRetargets = true,
        RpcPort = 18443,
        AddressPrefix = "bcrt",
    };

    /// <summary>The public test network, version 4.</summary>
    public static NetworkParameters Test4 { get; } = new("testnet4", "testnet4", [0x1c, 0x16, 0x3f, 0x28], new(0x1d00ffff), MakeTest4Genesis())
    {
        Bip34Height = 1,
        Bip66Height = 1,
        Bip65Height = 1,
        CsvHeight = 1,
        SegwitHeight = 1,
        HalvingInterval = 210_000,
        RetargetInterval = 2016,
        AllowsMinimumDifficulty = true,
        RpcPort = 48332,
    };

    /// <summary>The test network on which blocks are signed. The signatures are not looked at yet.</summary>
    public static NetworkParameters Signet { get; } = new("signet", "signet", [0x0a, 0x03, 0xcf, 0x40], new(0x1e0377ae), MakeGenesis(1598918400, 52613770, 0x1e0377ae))
    {
        Bip34Height = 1,
        Bip66Height = 1,
        Bip65Height = 1,
        CsvHeight = 1,
        SegwitHeight = 1,
        HalvingInterval = 210_000,
        RetargetInterval = 2016,
        RpcPort = 38332,
    };

    /// <summary>All networks.</summary>
    public static IReadOnlyList<NetworkParameters> All { get; } = [Main, Test, Test4, Signet, Regtest];

    /// <summary>"main", "test", "testnet4", "signet" or "regtest".</summary>
    public string Name { get; }

    /// <summary>The network's folder inside the data directory; empty for the main network.</summary>
    public string Directory { get; }

    /// <summary>The four bytes that open every block in a block file.</summary>
    public ReadOnlyMemory<byte> Magic { get; }

    /// <summary>The easiest target allowed.</summary>
    public UInt256 PowLimit { get; }

    /// <summary>The first block.</summary>
    public Block Genesis { get; }

    /// <summary>From this height on a coinbase begins with its block's height, and version 1 is refused.</summary>
    public int Bip34Height { get; private init; }

    /// <summary>From this height on version 2 is refused.</summary>
    public int Bip66Height { get; private init; }

    /// <summary>From this height on version 3 is refused.</summary>
    public int Bip65Height { get; private init; }

    /// <summary>From this height on lock times are compared with the median time past instead of the block's own time.</summary>
    public int CsvHeight { get; private init; }

    /// <summary>From this height on blocks may carry witnesses, and must commit to them.</summary>
    public int SegwitHeight { get; private init; }

    /// <summary>After this many blocks the subsidy halves.</summary>
    public int HalvingInterval { get; private init; }

    /// <summary>After this many blocks the target is set anew.</summary>
    public int RetargetInterval { get; private init; }

    /// <summary>Whether a block twenty minutes after its parent may have the easiest target.</summary>
    public bool AllowsMinimumDifficulty { get; private init; }

    /// <summary>Whether the target stays as it is for ever.</summary>
    public bool NeverRetargets { get; private init; }

    /// <summary>Where the JSON-RPC server listens unless told otherwise.</summary>
    public int RpcPort { get; private init; }

    /// <summary>What witness addresses begin with.</summary>
    public string AddressPrefix { get; private init; } = "tb";

    /// <summary>The first byte of a base58 address of a key.</summary>
    public byte PublicKeyVersion { get; private init; } = 111;

    /// <summary>The first byte of a base58 address of a script.</summary>
    public byte ScriptVersion { get; private init; } = 196;

    /// <summary>The network of a name; null for none.</summary>
    public static NetworkParameters? Find(string name) => All.FirstOrDefault(network => network.Name == name);

    /// <summary>How many satoshis a block at a height creates.</summary>
    public long Subsidy(int height)
    {
        int halvings = height / HalvingInterval;
        return halvings >= 64 ? 0 : (50 * Money.Coin) >> halvings;
    }

    /// <summary>The network's name.</summary>
    public override string ToString() => Name;

    private static Block MakeGenesis(uint time, uint nonce, uint bits)
    {
        byte[] headline = Encoding.ASCII.GetBytes("The Times 03/Jan/2009 Chancellor on brink of second bailout for banks");
        byte[] publicKey = Convert.FromHexString(
            "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
            + "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f");
        return MakeGenesis(time, nonce, bits, [(byte)headline.Length, .. headline], publicKey);
    }

    private static Block MakeTest4Genesis()
    {
        byte[] headline = Encoding.ASCII.GetBytes("03/May/2024 000000000000000000001ebd58c244970b3aa9d783bb001011fbe8ea8e98e00e");

        // Longer than a single byte says: OP_PUSHDATA1 stands before the length.
        return MakeGenesis(1714777860, 393743547, 0x1d00ffff, [0x4c, (byte)headline.Length, .. headline], new byte[33]);
    }

    private static Block MakeGenesis(uint time, uint nonce, uint bits, byte[] headline, byte[] publicKey)
    {
        byte[] scriptSig = [4, 0xff, 0xff, 0x00, 0x1d, 1, 4, .. headline];
        byte[] script = [(byte)publicKey.Length, .. publicKey, 0xac];
        Transaction coinbase = new(1, [new TxIn(OutPoint.None, scriptSig, TxIn.FinalSequence)], [new TxOut(50 * Money.Coin, script)], 0);
        return new Block(new BlockHeader(1, Hash256.Zero, coinbase.Txid, time, new CompactTarget(bits), nonce), [coinbase]);
    }
}
