using Bitcoin.Primitives;
using NBitcoin;

namespace Dash;

/// <summary>The networks of Dash.</summary>
public static class DashNetworks
{
    private const int Never = int.MaxValue;

    /// <summary>The main network, with real money.</summary>
    public static NetworkParameters Main { get; } = Common("main", "", DashNetworkSet.Instance.Mainnet) with
    {
        Bip34Height = 951,
        Bip66Height = 245_817,
        Bip65Height = 619_382,
        CsvHeight = 622_944,
        Bip147Height = 939_456,
        LastHeightInCoinbase = 1_028_159,
        OwnRules =
        [
            new("bip147", 939_456), new("dip0001", 782_208), new("dip0003", 1_028_160), new("dip0008", 1_088_640),
            new("dip0020", 1_516_032), new("dip0024", 1_737_792),
            new("realloc", DashHeights.Main.RewardReallocation), new("v19", 1_899_072),
            new("v20", DashHeights.Main.V20), new("mn_rr", 2_128_896), new("withdrawals", 2_201_472),
        ],
        LargeBlocksHeight = 782_208,
        UnknownRulesHeight = 2_203_488,
        PruneAfterHeight = 100_000,
        MinimumWork = NetworkParameters.Work("a39050764808db046f5c"),
        AssumeValid = uint256.Parse("0000000000000010b1135dc743f27f6fc8a138c6420a9d963fc676f96c2048f4"),
        Checkpoints = new Dictionary<int, uint256>
        {
            [1500] = uint256.Parse("000000aaf0300f59f49bc3e970bad15c11f961fe2347accffff19d96ec9778e3"),
            [4991] = uint256.Parse("000000003b01809551952460744d5dbb8fcbd6cbae3c220267bf7fa43f837367"),
            [9918] = uint256.Parse("00000000213e229f332c0ffbe34defdaa9e74de87f2d8d1f01af8d121c3c170b"),
            [16_912] = uint256.Parse("00000000075c0d10371d55a60634da70f197548dbbfa4123e12abfcbc5738af9"),
            [23_912] = uint256.Parse("0000000000335eac6703f3b1732ec8b2f89c3ba3a7889e5767b090556bb9a276"),
            [35_457] = uint256.Parse("0000000000b0ae211be59b048df14820475ad0dd53b9ff83b010f71a77342d9f"),
            [45_479] = uint256.Parse("000000000063d411655d590590e16960f15ceea4257122ac430c6fbe39fbf02d"),
            [55_895] = uint256.Parse("0000000000ae4c53a43639a4ca027282f69da9c67ba951768a20415b6439a2d7"),
            [68_899] = uint256.Parse("0000000000194ab4d3d9eeb1f2f792f21bb39ff767cb547fe977640f969d77b7"),
            [74_619] = uint256.Parse("000000000011d28f38f05d01650a502cc3f4d0e793fbc26e2a2ca71f07dc3842"),
            [75_095] = uint256.Parse("0000000000193d12f6ad352a9996ee58ef8bdc4946818a5fec5ce99c11b87f0d"),
            [88_805] = uint256.Parse("00000000001392f1652e9bf45cd8bc79dc60fe935277cd11538565b4a94fa85f"),
            [107_996] = uint256.Parse("00000000000a23840ac16115407488267aa3da2b9bc843e301185b7d17e4dc40"),
            [137_993] = uint256.Parse("00000000000cf69ce152b1bffdeddc59188d7a80879210d6e5c9503011929c3c"),
            [167_996] = uint256.Parse("000000000009486020a80f7f2cc065342b0c2fb59af5e090cd813dba68ab0fed"),
            [207_992] = uint256.Parse("00000000000d85c22be098f74576ef00b7aa00c05777e966aff68a270f1e01a5"),
            [312_645] = uint256.Parse("0000000000059dcb71ad35a9e40526c44e7aae6c99169a9e7017b7d84b1c2daf"),
            [407_452] = uint256.Parse("000000000003c6a87e73623b9d70af7cd908ae22fee466063e4ffc20be1d2dbc"),
            [523_412] = uint256.Parse("000000000000e54f036576a10597e0e42cc22a5159ce572f999c33975e121d4d"),
            [523_930] = uint256.Parse("0000000000000bccdb11c2b1cfb0ecab452abf267d89b7f46eaf2d54ce6e652c"),
            [750_000] = uint256.Parse("00000000000000b4181bbbdddbae464ce11fede5d0292fb63fdede1e7c8ab21c"),
            [888_900] = uint256.Parse("0000000000000026c29d576073ab51ebd1d3c938de02e9a44c7ee9e16f82db28"),
            [967_800] = uint256.Parse("0000000000000024e26c7df7e46d673724d223cf4ca2b2adc21297cc095600f4"),
            [1_067_570] = uint256.Parse("000000000000001e09926bcf5fa4513d23e870a34f74e38200db99eb3f5b7a70"),
            [1_167_570] = uint256.Parse("000000000000000fb7b1e9b81700283dff0f7d87cf458e5edfdae00c669de661"),
            [1_364_585] = uint256.Parse("00000000000000022f355c52417fca9b73306958f7c0832b3a7bce006ca369ef"),
            [1_450_000] = uint256.Parse("00000000000000105cfae44a995332d8ec256850ea33a1f7b700474e3dad82bc"),
            [1_796_500] = uint256.Parse("000000000000001d531f36005159f19351bd49ca676398a561e55dcccb84eacd"),
            [1_850_400] = uint256.Parse("00000000000000261bdbe99c01fcba992e577efa6cc41aae564b8ca9f112b2a3"),
            [1_889_000] = uint256.Parse("00000000000000075300e852d5bf5380f905b2768241f8b442498442084807a7"),
            [1_969_000] = uint256.Parse("000000000000000c8b7a3bdcd8b9f516462122314529c8342244c685a4c899bf"),
            [2_029_000] = uint256.Parse("0000000000000020d5e38b6aef5bc8e430029444d7977b46f710c7d281ef1281"),
            [2_109_672] = uint256.Parse("000000000000001889bd33ef019065e250d32bd46911f4003d3fdd8128b5358d"),
            [2_175_051] = uint256.Parse("000000000000001cf26547602d982dcaa909231bbcd1e70c0eb3c65de25473ba"),
            [2_216_986] = uint256.Parse("0000000000000010b1135dc743f27f6fc8a138c6420a9d963fc676f96c2048f4"),
        },
    };

    /// <summary>The public test network.</summary>
    public static NetworkParameters Test { get; } = Common("test", "testnet3", DashNetworkSet.Instance.Testnet) with
    {
        Summary = "the public test network",
        Bip34Height = 76,
        Bip66Height = 2075,
        Bip65Height = 2431,
        CsvHeight = 8064,
        Bip147Height = 4300,
        LastHeightInCoinbase = 6999,
        OwnRules =
        [
            new("bip147", 4300), new("dip0001", 5500), new("dip0003", 7000), new("dip0008", 78_800),
            new("dip0020", 414_100), new("dip0024", 769_700),
            new("realloc", DashHeights.Test.RewardReallocation), new("v19", 850_100),
            new("v20", DashHeights.Test.V20), new("mn_rr", 1_066_900), new("withdrawals", 1_148_500),
        ],
        LargeBlocksHeight = 5500,
        UnknownRulesHeight = 1_150_516,
        AllowsMinimumDifficulty = true,
        MinimumWork = NetworkParameters.Work("031f769ba78b4bee"),
        AssumeValid = uint256.Parse("000001690314036dfbbecbdf382b230ead8e9c584241290a51f9f05a87a9cf7e"),
        Checkpoints = new Dictionary<int, uint256>
        {
            [261] = uint256.Parse("00000c26026d0815a7e2ce4fa270775f61403c040647ff2c3091f99e894a4618"),
            [1999] = uint256.Parse("00000052e538d27fa53693efe6fb6892a0c1d26c0235f599171c48a3cce553b1"),
            [2999] = uint256.Parse("0000024bc3f4f4cb30d29827c13d921ad77d2c6072e586c7f60d83c2722cdcc5"),
            [96_090] = uint256.Parse("00000000033df4b94d17ab43e999caaf6c4735095cc77703685da81254d09bba"),
            [200_000] = uint256.Parse("000000001015eb5ef86a8fe2b3074d947bc972c5befe32b28dd5ce915dc0d029"),
            [395_750] = uint256.Parse("000008b78b6aef3fd05ab78db8b76c02163e885305545144420cb08704dce538"),
            [470_000] = uint256.Parse("0000009303aeadf8cf3812f5c869691dbd4cb118ad20e9bf553be434bafe6a52"),
            [794_950] = uint256.Parse("000001860e4c7248a9c5cc3bc7106041750560dc5cd9b3a2641b49494bcff5f2"),
        },
    };

    /// <summary>The private test network.</summary>
    public static NetworkParameters Regtest { get; } = Common(
        "regtest", "regtest", DashNetworkSet.Instance.Regtest) with
    {
        Summary = "a private network on which anybody mines a block in a moment",
        Bip147Height = 0,
        LastHeightInCoinbase = 431,
        OwnRules =
        [
            new("bip147", 0), new("dip0001", 1), new("dip0003", 432), new("dip0008", 1), new("dip0020", 1),
            new("dip0024", 1), new("realloc", DashHeights.Regtest.RewardReallocation), new("v19", 1),
            new("v20", DashHeights.Regtest.V20), new("mn_rr", 432),
            new("withdrawals", 600),
        ],
        LargeBlocksHeight = 1,
        AllowsMinimumDifficulty = true,
        NeverRetargets = true,
        ChecksConsistency = true,
    };

    private static NetworkParameters Common(string name, string directory, Network network)
        => new(DashCurrency.Instance, name, directory, network)
        {
            Port = network.DefaultPort,
            RpcPort = network.RPCPort,
            CoinType = network.Consensus.CoinType,
            SegwitHeight = Never,
            HalvingInterval = network.Consensus.SubsidyHalvingInterval,
            HasPeriodicTargets = false,
            RetargetInterval = (int)(network.Consensus.PowTargetTimespan / network.Consensus.PowTargetSpacing),
            SpacingSeconds = (int)network.Consensus.PowTargetSpacing.TotalSeconds,
        };
}
