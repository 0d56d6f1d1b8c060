using NBitcoin;

namespace Bitcoin.Primitives;

/// <summary>The networks of Bitcoin.</summary>
public static class BitcoinNetworks
{
    /// <summary>An old coinbase happens to start with this height.</summary>
    private const int FirstRepeatable = 1_983_702;

    private const string SignetChallengeText =
        "512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430"
        + "210359ef5021964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae";

    /// <summary>The main network, with real money.</summary>
    public static NetworkParameters Main { get; } = new(BitcoinCurrency.Instance, "main", "", Network.Main)
    {
        Bip34Height = 227_931,
        Bip66Height = 363_725,
        Bip65Height = 388_381,
        CsvHeight = 419_328,
        SegwitHeight = 481_824,
        RpcPort = 8332,
        Port = 8333,
        AddressPrefix = "bc",
        CoinType = 0,
        PruneAfterHeight = 100_000,
        UnknownRulesHeight = 711_648,
        MinimumWork = NetworkParameters.Work("01128750f82f4c366153a3a030"),
        AssumeValid = uint256.Parse("00000000000000000000ccebd6d74d9194d8dcdc1d177c478e094bfad51ba5ac"),
        FirstRepeatableHeight = FirstRepeatable,
        RepeatedHeights = [91_842, 91_880],
        OverwrittenCoinbases = new Dictionary<int, uint256>
        {
            [91_722] = uint256.Parse("00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e"),
            [91_812] = uint256.Parse("00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f"),
        },
        ScriptExceptions = new Dictionary<uint256, ScriptVerify>
        {
            [uint256.Parse("00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22")] = ScriptVerify.None,
            [uint256.Parse("0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad")] =
                ScriptVerify.P2SH | ScriptVerify.Witness,
        },
    };

    /// <summary>The test network, version 3.</summary>
    public static NetworkParameters Test { get; } = new(BitcoinCurrency.Instance, "test", "testnet3", Network.TestNet)
    {
        Summary = "the public test network, version 3",
        Bip34Height = 21_111,
        Bip66Height = 330_776,
        Bip65Height = 581_885,
        CsvHeight = 770_112,
        SegwitHeight = 834_624,
        UnknownRulesHeight = 2_013_984,
        AllowsMinimumDifficulty = true,
        RpcPort = 18332,
        Port = 18333,
        AddressPrefix = "tb",
        MinimumWork = NetworkParameters.Work("17dde1c649f3708d14b6"),
        AssumeValid = uint256.Parse("000000007a61e4230b28ac5cb6b5e5a0130de37ac1faf2f8987d2fa6505b67f4"),
        FirstRepeatableHeight = FirstRepeatable,
        ScriptExceptions = new Dictionary<uint256, ScriptVerify>
        {
            [uint256.Parse("00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105")] = ScriptVerify.None,
        },
    };

    /// <summary>The private test network.</summary>
    public static NetworkParameters Regtest { get; } = new(
        BitcoinCurrency.Instance, "regtest", "regtest", Network.RegTest)
    {
        Summary = "a private network on which anybody mines a block in a moment",
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
    public static NetworkParameters Test4 { get; } = new(
        BitcoinCurrency.Instance, "testnet4", "testnet4", Network.TestNet4)
    {
        Summary = "the public test network, version 4",
        AllowsMinimumDifficulty = true,
        EnforcesBip94 = true,
        RpcPort = 48332,
        Port = 48333,
        AddressPrefix = "tb",
        MinimumWork = NetworkParameters.Work("09a0fe15d0177d086304"),
        FirstRepeatableHeight = FirstRepeatable,
        AssumeValid = uint256.Parse("0000000002368b1e4ee27e2e85676ae6f9f9e69579b29093e9a82c170bf7cf8a"),
    };

    /// <summary>The signed test network.</summary>
    public static NetworkParameters Signet { get; } = new(
        BitcoinCurrency.Instance, "signet", "signet", NBitcoin.Bitcoin.Instance.Signet)
    {
        Summary = "the signed test network",
        SignetChallenge = Script.FromHex(SignetChallengeText),
        RpcPort = 38332,
        Port = 38333,
        AddressPrefix = "tb",
        MinimumWork = NetworkParameters.Work("0b463ea0a4b8"),
        FirstRepeatableHeight = FirstRepeatable,
        AssumeValid = uint256.Parse("00000008414aab61092ef93f1aacc54cf9e9f16af29ddad493b908a01ff5c329"),
    };
}
