using Bitcoin.Chain;
using Bitcoin.Descriptors;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using NBitcoin;

namespace Dash.Tests;

public class NetworkTests
{
    private const string Key = "03d85b25d6886f0b3b8ce1eef63b720b518fad0b8e103eba4e85b6980bfdda2dfd";

    [TestCase("main", "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6")]
    [TestCase("test", "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c")]
    [TestCase("regtest", "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e")]
    public void The_first_block_has_its_hash_its_merkle_root_and_its_work(string name, string hash)
    {
        NetworkParameters network = Currency.Find(name)!;

        Assert.That(network.GenesisHash.ToString(), Is.EqualTo(hash));
        Assert.That(
            network.Genesis.Transactions[0].GetHash().ToString(),
            Is.EqualTo("e0028eb9648db56b1ac77cf090b99048a8007e2bb64b68f092c03c7f56a662c7"));
        Assert.That(network.Genesis.Header.HashMerkleRoot, Is.EqualTo(network.Genesis.Transactions[0].GetHash()));
        Assert.That(
            Bitcoin.Chain.Rules.ProofOfWork.IsMet(
                network.GenesisHash, network.Genesis.Header.Bits.ToCompact(), network),
            Is.True);
    }

    [TestCase("main", "Xgtyuk76vhuFW2iT7UAiHgNdWXCf3J34wh", true)]
    [TestCase("main", "7gnwGHt17heGpG9Crfeh4KGpYNFugPhJdh", true)]
    [TestCase("test", "yjPtiKh2uwk3bDutTEA2q9mCtXyiZRWn55", true)]
    [TestCase("regtest", "yj949n1UH6fDhw6HtVE5VMj2iSTaSWBMcW", true)]
    [TestCase("main", "yjPtiKh2uwk3bDutTEA2q9mCtXyiZRWn55", false)]
    [TestCase("main", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", false)]
    [TestCase("main", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", false)]
    [TestCase("regtest", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", false)]
    public void Published_addresses_are_known_and_others_are_not(string network, string text, bool isKnown)
    {
        bool is_ = Address.TryParse(text, Currency.Find(network)!, out Script? script);

        Assert.That(is_, Is.EqualTo(isKnown));
        Assert.That(script is null ? text : Address.Format(script, Currency.Find(network)!), Is.EqualTo(text));
    }

    [Test]
    public void A_published_private_key_has_its_address()
    {
        BitcoinSecret secret = new(
            "cP4EKFyJsHT39LDqgdcB43Y3YXjNyjb5Fuas1GQSeAtjnZWmZEQK", DashNetworks.Regtest.Network);

        Assert.That(
            Address.Format(secret.PubKey.Hash.ScriptPubKey, DashNetworks.Regtest),
            Is.EqualTo("yj949n1UH6fDhw6HtVE5VMj2iSTaSWBMcW"));
    }

    [Test]
    public void A_witness_program_has_no_address()
    {
        Script program = Script.FromHex("0014751e76e8199196d454941c45d1b3a323f1433bd6");

        Assert.That(Address.Format(program, DashNetworks.Main), Is.Null);
        Assert.That(ScriptKinds.Of(program), Is.EqualTo(ScriptKind.Nonstandard));
    }

    [TestCase("wpkh")]
    [TestCase("sh(wpkh")]
    [TestCase("tr")]
    [TestCase("rawtr")]
    public void A_descriptor_for_witnesses_is_refused(string function)
    {
        string text = $"{function}({Key}){(function.Contains('(') ? ")" : "")}";

        bool isKnown = Descriptor.TryParse(text, DashNetworks.Main, needsChecksum: false, out _, out string error);

        Assert.That(isKnown, Is.False);
        Assert.That(error, Does.EndWith("() is for witnesses, and Dash has none"));
    }

    [Test]
    public void A_key_alone_has_the_scripts_without_witnesses()
    {
        Descriptor.TryParse($"combo({Key})", DashNetworks.Main, needsChecksum: false, out Descriptor? combo, out _);

        Assert.That(
            combo!.Expand(0).Select(ScriptKinds.Of),
            Is.EqualTo(new[] { ScriptKind.PublicKey, ScriptKind.PublicKeyHash }));
        Assert.That(OutputTypes.All, Is.EqualTo(new[] { OutputType.Legacy }));
    }

    [TestCase("main", 9999, 9998, "bf0c6bbd", "", 5)]
    [TestCase("test", 19999, 19998, "cee2caff", "testnet3", 1)]
    [TestCase("regtest", 19899, 19898, "fcc1b7dc", "regtest", 1)]
    public void Ports_magic_directory_and_coin_type(
        string name, int port, int rpcPort, string magic, string directory, int coinType)
    {
        NetworkParameters network = Currency.Find(name)!;

        Assert.That(
            (network.Port, network.RpcPort, network.Directory, network.CoinType),
            Is.EqualTo((port, rpcPort, directory, coinType)));
        Assert.That(Convert.ToHexStringLower(network.Magic.Span), Is.EqualTo(magic));
    }

    [Test]
    public void Each_network_has_its_seeds_and_its_checkpoints()
    {
        Assert.That(
            DashNetworks.Main.Network.DNSSeeds.Select(static seed => seed.Host),
            Is.EqualTo(new[] { "dnsseed.dash.org" }));
        Assert.That(
            DashNetworks.Test.Network.DNSSeeds.Select(static seed => seed.Host),
            Is.EqualTo(new[] { "testnet-seed.dashdot.io" }));
        Assert.That(DashNetworks.Regtest.Network.DNSSeeds, Is.Empty);
        Assert.That(DashNetworks.Main.Checkpoints, Has.Count.EqualTo(35));
        Assert.That(DashNetworks.Main.Checkpoints.Values, Is.Unique);
        Assert.That(DashNetworks.Test.Checkpoints, Has.Count.EqualTo(8));
    }

    [Test]
    public void The_programs_have_names_and_a_directory_of_their_own()
    {
        Assert.That(DataDirectory.Root(null), Does.EndWith("/.dashcore-multiprocess"));
        Assert.That(Currency.Names.ConfigFile, Is.EqualTo("dash.conf"));
        Assert.That(
            ClientName.Version("daemon", Currency.Names.Daemon),
            Does.StartWith("Dash Core daemon version").And.Contain("dashd\n"));
        Assert.That(
            NetworkOption.Options.Select(static option => option.Name),
            Is.EqualTo(new[] { "chain", "regtest", "testnet" }));
    }

    [Test]
    public void A_block_at_a_checkpoints_height_must_be_that_block()
    {
        NetworkParameters network = DashNetworks.Regtest with
        {
            Checkpoints = new Dictionary<int, uint256> { [1] = uint256.One },
        };
        string directory = Directory.CreateTempSubdirectory("dash-").FullName;
        try
        {
            using BlockTree tree = new(network, TimeProvider.System, new TreeOptions { Directory = directory });
            Block block = Miner.MineOn(network, tree.Tip, new Script(OpcodeType.OP_TRUE), DateTimeOffset.UtcNow);

            Assert.That(tree.AcceptBlock(block).Refusal!.Reason, Is.EqualTo("checkpoint mismatch"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void Blocks_are_mined_without_a_witness_commitment_and_come_back_after_a_restart()
    {
        string directory = Directory.CreateTempSubdirectory("dash-").FullName;
        try
        {
            uint256 hash;
            TreeOptions options = new() { Directory = directory };
            using (BlockTree tree = new(DashNetworks.Regtest, TimeProvider.System, options))
            {
                ChainBlock tip = Miner.Mine(tree, 3, new Script(OpcodeType.OP_TRUE))[^1];
                hash = tip.Hash;
                Block read = tree.Read(tip)!;
                Assert.That(read.Transactions[0].Outputs, Has.Count.EqualTo(1));
                Assert.That(read.GetHash(), Is.EqualTo(hash));
                Assert.That(
                    Convert.ToHexStringLower([.. Hashes.X11.Hash(read.Header.ToBytes()).Reverse()]),
                    Is.EqualTo(hash.ToString()));
            }

            using BlockTree again = new(DashNetworks.Regtest, TimeProvider.System, options);
            Assert.That(again.Tip.Hash, Is.EqualTo(hash));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
