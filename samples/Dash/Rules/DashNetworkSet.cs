using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using NBitcoin;

namespace Dash;

/// <summary>NBitcoin's objects for the networks: prefixes, seeds, magic, and the first blocks.</summary>
internal sealed class DashNetworkSet : NetworkSetBase
{
    private const string Headline =
        "Wired 09/Jan/2014 The Grand Experiment Goes Live: Overstock.com Is Now Accepting Bitcoins";
    private const string GenesisKey =
        "040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f470216fe1b51850b4acf21"
            + "b179c45070ac7b03a9";

    private DashNetworkSet()
    {
    }

    public static DashNetworkSet Instance { get; } = new();

    public override string CryptoCode => "DASH";

    protected override NetworkBuilder CreateMainnet()
        => Common("dash-main", ChainName.Mainnet, 0xbd6b0cbf, [76], [16], [204], 5, "00000fff")
            .SetBase58Bytes(Base58Type.EXT_PUBLIC_KEY, [0x04, 0x88, 0xb2, 0x1e])
            .SetBase58Bytes(Base58Type.EXT_SECRET_KEY, [0x04, 0x88, 0xad, 0xe4])
            .SetPort(9999)
            .SetRPCPort(9998)
            .AddDNSSeeds([new DNSSeedData("dash.org", "dnsseed.dash.org")])
            .SetGenesis(Genesis(1390095618, 0x1e0ffff0, 28917698));

    protected override NetworkBuilder CreateTestnet()
        => Common("dash-test", ChainName.Testnet, 0xffcae2ce, [140], [19], [239], 1, "00000fff")
            .SetBase58Bytes(Base58Type.EXT_PUBLIC_KEY, [0x04, 0x35, 0x87, 0xcf])
            .SetBase58Bytes(Base58Type.EXT_SECRET_KEY, [0x04, 0x35, 0x83, 0x94])
            .SetPort(19999)
            .SetRPCPort(19998)
            .AddDNSSeeds([new DNSSeedData("dashdot.io", "testnet-seed.dashdot.io")])
            .SetGenesis(Genesis(1390666206, 0x1e0ffff0, 3861367235));

    protected override NetworkBuilder CreateRegtest()
        => Common("dash-reg", ChainName.Regtest, 0xdcb7c1fc, [140], [19], [239], 1, "7fffffff")
            .SetBase58Bytes(Base58Type.EXT_PUBLIC_KEY, [0x04, 0x35, 0x87, 0xcf])
            .SetBase58Bytes(Base58Type.EXT_SECRET_KEY, [0x04, 0x35, 0x83, 0x94])
            .SetPort(19899)
            .SetRPCPort(19898)
            .SetGenesis(Genesis(1417713337, 0x207fffff, 1096447));

    private NetworkBuilder Common(
        string name, ChainName chain, uint magic, byte[] key, byte[] script, byte[] secret, int coinType, string limit)
    {
        return new NetworkBuilder()
            .SetNetworkSet(this)
            .SetName(name)
            .SetChainName(chain)
            .SetMagic(magic)
            .SetUriScheme("dash")
            .SetBase58Bytes(Base58Type.PUBKEY_ADDRESS, key)
            .SetBase58Bytes(Base58Type.SCRIPT_ADDRESS, script)
            .SetBase58Bytes(Base58Type.SECRET_KEY, secret)
            .SetConsensus(new Consensus
            {
                ConsensusFactory = DashConsensusFactory.Instance,
                CoinType = coinType,
                CoinbaseMaturity = 100,
                SupportSegwit = false,
                PowLimit = new Target(uint256.Parse(limit.PadRight(64, 'f'))),
                PowTargetSpacing = TimeSpan.FromSeconds(150),
                PowTargetTimespan = TimeSpan.FromDays(1),
                SubsidyHalvingInterval = 210_240,
            });
    }

    /// <summary>
    /// The first block, in hexadecimal: one coinbase with a headline of the day, the same on all networks.
    /// </summary>
    private static string Genesis(uint time, uint bits, uint nonce)
    {
        byte[] start = Convert.FromHexString("04ffff001d01044c59");
        byte[] headline = Encoding.ASCII.GetBytes(Headline);
        byte[] key = Convert.FromHexString(GenesisKey);
        byte[] value = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, 50 * Money.COIN);
        byte[] coinbase =
        [
            1, 0, 0, 0, 1, .. new byte[32], 0xff, 0xff, 0xff, 0xff,
            (byte)(start.Length + headline.Length), .. start, .. headline, 0xff, 0xff, 0xff, 0xff,
            1, .. value, (byte)(key.Length + 2), (byte)key.Length, .. key, 0xac, 0, 0, 0, 0,
        ];
        byte[] root = NBitcoin.Crypto.Hashes.DoubleSHA256(coinbase).ToBytes();
        byte[] numbers = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(numbers, time);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers.AsSpan(4), bits);
        BinaryPrimitives.WriteUInt32LittleEndian(numbers.AsSpan(8), nonce);
        byte[] block = [1, 0, 0, 0, .. new byte[32], .. root, .. numbers, 1, .. coinbase];
        return Convert.ToHexStringLower(block);
    }
}
