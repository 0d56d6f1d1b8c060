using Bitcoin.Chain;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

internal sealed class BlockFilesTests
{
    private string _folder;

    private string File0 => Path.Combine(_folder, "blk00000.dat");

    [SetUp]
    public void Make() => _folder = Directory.CreateTempSubdirectory("blk-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_flipped_bit_of_any_length_is_damage_that_changes_nothing([Values(0, 1, 2)] int record, [Range(0, 31)] int bit)
    {
        int[] starts = Store(3);
        byte[] bytes = File.ReadAllBytes(File0);
        bytes[starts[record] + 4 + (bit / 8)] ^= (byte)(1 << (bit % 8));
        File.WriteAllBytes(File0, bytes);

        InvalidDataException thrown = Assert.Throws<InvalidDataException>(() => Load(Forge.Clock()).Dispose());

        Assert.That(thrown.Message, Does.StartWith($"Corrupted block database detected: {File0} at byte {starts[record]}: "));
        Assert.That(File.ReadAllBytes(File0), Is.EqualTo(bytes));
    }

    [Test]
    public void A_last_block_that_was_cut_off_anywhere_is_cut_off_whole([Values(1, 4, 5, 8, 9, 100)] int left)
    {
        int[] starts = Store(3);
        using (FileStream file = new(File0, FileMode.Open))
        {
            file.SetLength(starts[2] + left);
        }

        using BlockFiles files = Load(Forge.Clock());

        Assert.That(files.TornBytes, Is.EqualTo(left));
        Assert.That(new FileInfo(File0).Length, Is.EqualTo(starts[2]));
    }

    [Test]
    public void A_clock_that_was_put_back_does_not_judge_what_is_stored()
    {
        Store(3);
        ManualClock clock = Forge.Clock();
        clock.Now -= TimeSpan.FromDays(30);

        using BlockFiles files = Load(clock);

        Assert.That(files.TornBytes, Is.Zero);
    }

    /// <summary>Stores blocks and gives where each begins.</summary>
    private int[] Store(int count)
    {
        BlockTree tree = new(NetworkParameters.Regtest, Forge.Clock());
        using BlockFiles files = BlockFiles.Load(_folder, tree);
        List<int> starts = [];
        for (int i = 0; i < count; i++)
        {
            starts.Add((int)new FileInfo(File0).Length);
            Assert.That(tree.AcceptBlock(Forge.Next(tree)).Refusal, Is.Null);
        }

        return [.. starts];
    }

    private BlockFiles Load(TimeProvider clock) => BlockFiles.Load(_folder, new BlockTree(NetworkParameters.Regtest, clock));
}
