using Bitcoin.Chain;
using Bitcoin.Chain.Storage;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class BlockFilesTests
{
    private const int KeyBytes = 8;

    private string _folder;

    private string Blocks => Path.Combine(_folder, "blocks");

    private string File0 => Path.Combine(Blocks, "blk00000.dat");

    private string Key => Path.Combine(Blocks, BlockFiles.KeyFile);

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("blk-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_flipped_bit_of_the_magic_or_the_length_is_damage_of_that_block_alone([Range(0, 63)] int bit)
    {
        long[] starts = Store(3);
        Flip(File0, (starts[2] * 8) + bit);

        using BlockTree tree = Open();

        Assert.That(
            () => tree.Read(tree.AtHeight(2)!), Throws.InstanceOf<IOException>().Or.InstanceOf<InvalidDataException>());
        Assert.That(tree.Verify(level: 0, count: 0), Is.False);
        Assert.That(tree.Read(tree.AtHeight(1)!)!.GetHash(), Is.EqualTo(tree.AtHeight(1)!.Hash));
        Assert.That(tree.Read(tree.AtHeight(3)!)!.GetHash(), Is.EqualTo(tree.AtHeight(3)!.Hash));
    }

    [Test]
    public void A_block_in_the_place_of_another_is_damage()
    {
        long[] starts = Store(3);
        byte[] bytes = Plain(File0);
        byte[] second = bytes[(int)starts[2]..(int)starts[3]];
        Assert.That(second, Has.Length.EqualTo(starts[2] - starts[1]));
        second.CopyTo(bytes, (int)starts[1]);
        WritePlain(File0, bytes);

        using BlockTree tree = Open();

        Assert.That(
            () => tree.Read(tree.AtHeight(1)!),
            Throws.InstanceOf<InvalidDataException>().With.Message.Contains(tree.AtHeight(1)!.Hash.ToString()));
    }

    [Test]
    public void A_flipped_bit_of_what_a_block_spent_is_damage([Values(0, 1, 7, 8, 63, 64, 65, 100)] int bit)
    {
        Store(1);
        Flip(Path.Combine(Blocks, "rev00000.dat"), bit);

        using BlockTree tree = Open();

        Assert.That(
            () => tree.ReadUndo(tree.AtHeight(1)!),
            Throws.InstanceOf<IOException>().Or.InstanceOf<InvalidDataException>());
        Assert.That(tree.Verify(level: 1, count: 0), Is.True);
        Assert.That(tree.Verify(level: 2, count: 0), Is.False);
    }

    [Test]
    public void A_last_block_that_was_cut_off_is_damage([Values(1, 4, 5, 8, 9, 100)] int left)
    {
        long[] starts = Store(3);
        using (FileStream file = new(File0, FileMode.Open))
        {
            file.SetLength(starts[3] + left);
        }

        using BlockTree tree = Open();

        Assert.That(() => tree.Read(tree.Tip), Throws.InstanceOf<EndOfStreamException>());
        Assert.That(tree.Verify(level: 0, count: 1), Is.False);
    }

    [Test]
    public void What_a_kill_left_behind_the_last_block_is_written_over([Values(1, 8, 80, 1000)] int left)
    {
        long[] starts = Store(2);
        long end = new FileInfo(File0).Length;
        using (FileStream file = new(File0, FileMode.Append))
        {
            file.Write(new byte[left]);
        }

        using BlockTree tree = Open();
        Assert.That(tree.AcceptBlock(Forge.Next(tree)).Refusal, Is.Null);

        Assert.That(tree.Tip.Data.Offset, Is.EqualTo(end + BlockFiles.HeaderBytes));
        Assert.That(tree.Verify(level: 2, count: 0), Is.True);
        Assert.That(starts[2], Is.LessThan(end));
    }

    [Test]
    public void A_clock_that_was_put_back_does_not_judge_what_is_stored()
    {
        Store(3);
        ManualClock clock = Forge.Clock();
        clock.Now -= TimeSpan.FromDays(30);

        using BlockTree tree = Open(clock);

        Assert.That(tree.Tip.Height, Is.EqualTo(3));
        Assert.That(tree.Verify(level: 2, count: 0), Is.True);
    }

    [Test]
    public void A_file_goes_on_in_the_next_one_when_it_is_full()
    {
        TreeOptions small = new() { Directory = _folder, MaxFileBytes = 1000 };
        using (BlockTree tree = Open(options: small))
        {
            Miner.Mine(tree, 10, Forge.Script);
        }

        using BlockTree again = Open(options: small);

        Assert.That(again.Verify(level: 2, count: 0), Is.True);
        Assert.That(again.Files.Existing(), Is.EqualTo(Enumerable.Range(0, again.Tip.Data.File + 1)));
        Assert.That(again.Tip.Data.File, Is.GreaterThan(1));
        Assert.That(
            again.Files.Existing().Select(number => new FileInfo(again.Files.PathOf("blk", number)).Length),
            Has.All.LessThan(1000));
    }

    [Test]
    public void Bytes_are_combined_with_a_key_that_is_drawn_once()
    {
        Store(1);
        byte[] key = File.ReadAllBytes(Key);
        Store(1);

        Assert.That(key, Has.Length.EqualTo(KeyBytes));
        Assert.That(key, Has.Some.Not.EqualTo(0));
        Assert.That(File.ReadAllBytes(Key), Is.EqualTo(key));
        Assert.That(
            File.ReadAllBytes(File0).AsSpan(0, 4).ToArray(), Is.Not.EqualTo(BitcoinNetworks.Regtest.Magic.ToArray()));
        Assert.That(Plain(File0).AsSpan(0, 4).ToArray(), Is.EqualTo(BitcoinNetworks.Regtest.Magic.ToArray()));
    }

    [Test]
    public void A_key_of_zeros_leaves_the_bytes_as_they_are()
    {
        Store(1, new TreeOptions { Directory = _folder, Obfuscates = false });

        Assert.That(File.ReadAllBytes(Key), Is.EqualTo(new byte[KeyBytes]));
        Assert.That(
            File.ReadAllBytes(File0).AsSpan(0, 4).ToArray(), Is.EqualTo(BitcoinNetworks.Regtest.Magic.ToArray()));
    }

    [Test]
    public void A_key_cannot_be_given_up()
    {
        Store(1);

        Assert.That(
            () => Open(options: new TreeOptions { Directory = _folder, Obfuscates = false }),
            Throws.InstanceOf<InvalidDataException>()
                .With.Message.StartsWith("The blocksdir XOR-key can not be disabled"));
    }

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(9)]
    public void A_key_of_another_length_is_refused(int length)
    {
        Store(1);
        File.WriteAllBytes(Key, new byte[length]);

        Assert.That(
            () => Open(),
            Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo(
                $"{Key} has {length} bytes. Expected {KeyBytes}."));
    }

    /// <summary>Stores blocks, and gives where the record of each block of the chain begins.</summary>
    private long[] Store(int count, TreeOptions? options = null)
    {
        using BlockTree tree = Open(options: options);
        for (int i = 0; i < count; i++)
        {
            Assert.That(tree.AcceptBlock(Forge.Next(tree)).Refusal, Is.Null);
        }

        return
        [
            .. Enumerable.Range(0, tree.Tip.Height + 1).Select(
                height => tree.AtHeight(height)!.Data.Offset - BlockFiles.HeaderBytes),
        ];
    }

    private BlockTree Open(TimeProvider? clock = null, TreeOptions? options = null)
    {
        return new BlockTree(
            BitcoinNetworks.Regtest, clock ?? Forge.Clock(), options ?? new TreeOptions { Directory = _folder });
    }

    private static void Flip(string path, long bit)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        File.WriteAllBytes(path, bytes);
    }

    private byte[] Plain(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ObfuscatedStream.Apply(bytes, File.ReadAllBytes(Key), 0);
        return bytes;
    }

    private void WritePlain(string path, byte[] bytes)
    {
        ObfuscatedStream.Apply(bytes, File.ReadAllBytes(Key), 0);
        File.WriteAllBytes(path, bytes);
    }
}
