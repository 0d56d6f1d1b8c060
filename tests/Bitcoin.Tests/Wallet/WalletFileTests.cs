using System.Security.Cryptography;
using System.Text;
using Bitcoin.Descriptors;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Encryption;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>What stands in a wallet's file, by the facts of Bitcoin Core's format.</summary>
[TestFixture]
internal sealed class WalletFileTests
{
    private string _directory;

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("bitcoin-wallet-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_new_file_has_the_table_and_the_id_of_its_network_and_is_its_owners_alone()
    {
        using (Open(isNew: true))
        {
        }

        string path = Path.Combine(_directory, WalletDatabase.FileName);
        byte[] file = File.ReadAllBytes(path);
        Assert.That(file.AsSpan(68, 4).ToArray(), Is.EqualTo(BitcoinNetworks.Regtest.Magic.ToArray()));
        Assert.That(WalletDatabase.IsWallet(path, BitcoinNetworks.Regtest.Magic), Is.True);
        Assert.That(WalletDatabase.IsWallet(path, BitcoinNetworks.Main.Magic), Is.False);
        Assert.That(
            Encoding.ASCII.GetString(file),
            Does.Contain("CREATE TABLE main(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    public void A_file_is_opened_once_at_a_time_and_by_its_network_only()
    {
        using WalletDatabase first = Open(isNew: true);

        Assert.That(
            () => Open(isNew: false),
            Throws.TypeOf<WalletFileException>().With.Message.StartsWith(
                "SQLiteDatabase: Unable to obtain an exclusive lock"));
        first.Dispose();
        Assert.That(
            () => WalletDatabase.Open(_directory, BitcoinNetworks.Main.Magic, isNew: false, waitsForDisk: true),
            Throws.TypeOf<WalletFileException>().With.Message.Contains("Unexpected application id."));
    }

    [Test]
    public void A_damaged_file_is_refused_with_a_clear_error()
    {
        using (WalletDatabase database = Open(isNew: true))
        {
            database.Write([1], new byte[5000]);
        }

        string path = Path.Combine(_directory, WalletDatabase.FileName);
        byte[] file = File.ReadAllBytes(path);
        Array.Fill(file, (byte)0xee, 4096, 2000);
        File.WriteAllBytes(path, file);

        Assert.That(
            () => Open(isNew: false),
            Throws.TypeOf<WalletFileException>().With.Message.StartsWith("Failed to verify database"));
    }

    [Test]
    public void Records_stand_under_their_names_in_order_and_a_failed_transaction_leaves_none()
    {
        using WalletDatabase database = Open(isNew: true);
        WalletRecords records = new(database);

        records.WriteName("addr", "rent");
        Assert.That(
            () => database.InTransaction(() =>
            {
                records.WriteName("other", "lost");
                throw new InvalidOperationException();
            }),
            Throws.InvalidOperationException);

        Assert.That(
            database.WithPrefix([]).Select(static record => Encoding.ASCII.GetString(record.Key)),
            Is.EqualTo(new[] { "\u0004name\u0004addr" }));
        Assert.That(database.Read("\u0004name\u0004addr"u8.ToArray()), Is.EqualTo("\u0004rent"u8.ToArray()));
    }

    [Test]
    public void A_private_key_has_the_form_of_RFC_5915_with_its_curve_written_out()
    {
        Key key = new(Convert.FromHexString("12b004fff7f4b69ef8650e767f18f11ede158148b425660723b9f9a66e61f747"));

        byte[] form = PrivateKeyForm.Write(key);

        Assert.That(form, Has.Length.EqualTo(214));
        Assert.That(Convert.ToHexStringLower(form.AsSpan(0, 9)), Is.EqualTo("3081d30201010420" + "12"));
        Assert.That(PrivateKeyForm.Read(form, key.PubKey).ToHex(), Is.EqualTo(key.ToHex()));
        form[20] ^= 1;
        Assert.That(() => PrivateKeyForm.Read(form, key.PubKey), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void A_key_is_encrypted_under_its_public_keys_hash_and_opened_by_the_passphrase_alone()
    {
        byte[] master = RandomNumberGenerator.GetBytes(32);
        Key secret = new();

        MasterKey stored = MasterKey.Read(MasterKey.Encrypt(master, "correct"u8).Write());
        byte[] encrypted = Crypter.EncryptSecret(master, secret);

        Assert.That((stored.Encrypted.Length, stored.Salt.Length, stored.Method), Is.EqualTo((48, 8, 0u)));
        Assert.That(stored.Iterations, Is.GreaterThanOrEqualTo(25_000));
        Assert.That(stored.Decrypt("correct"u8), Is.EqualTo(master));
        Assert.That(stored.Decrypt("wrong"u8), Is.Not.EqualTo(master));
        Assert.That(encrypted, Has.Length.EqualTo(48));
        Assert.That(Crypter.DecryptSecret(master, secret.PubKey, encrypted)!.ToHex(), Is.EqualTo(secret.ToHex()));
        Assert.That(Crypter.DecryptSecret(RandomNumberGenerator.GetBytes(32), secret.PubKey, encrypted), Is.Null);
    }

    [Test]
    public void Descriptors_are_read_again_with_their_keys_and_the_same_addresses()
    {
        string first;
        using (WalletDatabase database = Open(isNew: true))
        {
            KeyRing keys = new(new WalletRecords(database), BitcoinNetworks.Regtest, gap: 2);
            keys.SetUp(ExtKey.CreateFromSeed(new byte[32]), 7);
            first = Address.Format(
                keys.Find(OutputType.Bech32, isInternal: false)!.Take()!, BitcoinNetworks.Regtest)!;
        }

        using WalletDatabase again = Open(isNew: false);
        KeyRing loaded = new(new WalletRecords(again), BitcoinNetworks.Regtest, gap: 2);
        loaded.Load();

        Assert.That(loaded.All.Count(), Is.EqualTo(8));
        DescriptorKeys bech32 = loaded.Find(OutputType.Bech32, isInternal: false)!;
        Assert.That((bech32.Next, bech32.Created), Is.EqualTo((1, 7L)));
        Assert.That(Address.TryParse(first, BitcoinNetworks.Regtest, out Script? script), Is.True);
        Assert.That(bech32.IndexOf(script!), Is.Zero);
        Assert.That(bech32.PublicText, Does.Match(@"^wpkh\(\[[0-9a-f]{8}/84h/1h/0h\]tpub\w+/0/\*\)#\w{8}$"));
        Assert.That(
            loaded.Solve(script!, withSecrets: true)!.Secret(loaded.Solve(script!)!.Keys.Single()), Is.Not.Null);
        loaded.Encrypt("secret"u8);
        Assert.That(
            Encoding.ASCII.GetString(again.WithPrefix([]).SelectMany(static one => one.Key).ToArray()),
            Does.Not.Contain("walletdescriptorkey"));
        loaded.Vault.Lock();
        Assert.That(
            loaded.Find(OutputType.Bech32m, isInternal: true)!.Take(), Is.Not.Null, "an address needs no private key");
        Assert.That(loaded.Vault.Unlock("wrong"u8, loaded.Opens), Is.False);
        Assert.That(loaded.Vault.Unlock("secret"u8, loaded.Opens), Is.True);
    }

    [Test]
    public void A_transaction_is_read_again_with_all_that_the_wallet_noted()
    {
        Transaction raw = Forge.Spend(new OutPoint(uint256.One, 0));
        WalletTransaction noted = new(raw, new TransactionState.Confirmed(new uint256(9), 5, 3))
        {
            Comment = "rent",
            CommentTo = "landlord",
            Replaces = new uint256(4),
            ReceivedTime = 11,
            SmartTime = 12,
            Order = 6,
        };

        WalletTransaction read = TransactionForm.Read(TransactionForm.Write(noted), Network.RegTest);

        Assert.That(
            (read.Id, read.Comment, read.CommentTo, read.Replaces, read.ReceivedTime, read.SmartTime, read.Order),
            Is.EqualTo((noted.Id, "rent", "landlord", new uint256(4), 11u, 12u, 6L)));
        Assert.That(
            read.State,
            Is.EqualTo(new TransactionState.Confirmed(new uint256(9), -1, 3)),
            "where the block stands is asked of the chain");
    }

    private WalletDatabase Open(bool isNew)
        => WalletDatabase.Open(_directory, BitcoinNetworks.Regtest.Magic, isNew, waitsForDisk: true);
}
