using System.Text;
using Multiprocess.Processes;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class LineStreamTests
{
    [TestCase("a\nb\n", "a|b")]
    [TestCase("a\r\nb", "a|b", Description = "the last line may lack its end")]
    [TestCase("\n\n", "|")]
    [TestCase("a\rb\n", "a\rb")]
    [TestCase("", "")]
    public void Lines_are_cut_at_line_feeds(string written, string lines)
    {
        string[] expected = written.Length == 0 ? [] : lines.Split('|');

        Assert.That(Read(Encoding.UTF8.GetBytes(written), 1), Is.EqualTo(expected));
        Assert.That(Read(Encoding.UTF8.GetBytes(written), 1024), Is.EqualTo(expected));
    }

    [Test]
    public void A_line_without_end_arrives_in_pieces_that_cut_no_character([Values(0, 1, 2, 3)] int offset)
    {
        string text = new string('a', offset) + string.Concat(Enumerable.Repeat("\U0001F600", LineStream.MaxLineBytes));

        string[] pieces = Read(Encoding.UTF8.GetBytes(text), 1000);

        Assert.That(string.Concat(pieces), Is.EqualTo(text));
        Assert.That(pieces.Select(Encoding.UTF8.GetByteCount), Is.All.LessThanOrEqualTo(LineStream.MaxLineBytes));
        Assert.That(pieces, Has.Length.EqualTo(5).Or.Length.EqualTo(4));
    }

    [Test]
    public void A_line_that_its_reader_cannot_take_costs_no_other()
    {
        List<string> taken = [];
        using (var stream = new LineStream(line =>
        {
            if (line == "bad")
            {
                throw new InvalidOperationException();
            }

            taken.Add(line);
        }))
        {
            stream.Write("good\nbad\nbetter\n"u8);
        }

        Assert.That(taken, Is.EqualTo(["good", "better"]));
    }

    private static string[] Read(byte[] bytes, int chunk)
    {
        List<string> lines = [];
        using (var stream = new LineStream(lines.Add))
        {
            foreach (byte[] part in bytes.Chunk(chunk))
            {
                stream.Write(part);
            }
        }

        return [.. lines];
    }
}
