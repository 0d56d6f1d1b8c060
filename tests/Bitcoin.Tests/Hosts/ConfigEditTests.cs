using System.Text;
using Bitcoin.Hosting;

namespace Bitcoin.Tests;

internal sealed class ConfigEditTests
{
    private string _path;

    [SetUp]
    public void Prepare() => _path = Path.Combine(Directory.CreateTempSubdirectory("conf-").FullName, "bitcoin.conf");

    [TearDown]
    public void End() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void Named_options_change_and_every_other_byte_stays()
    {
        const string Before = "# caf\u00e9\r\ndatadir = /old\nserver=1\n[test]\ndatadir=/t";
        File.WriteAllBytes(_path, Encoding.Latin1.GetBytes(Before));

        ConfigEdit.Apply(_path, new Dictionary<string, string?> { ["datadir"] = "/m\u00fcnzen", ["chain"] = null });

        byte[] expected =
        [
            .. Encoding.UTF8.GetBytes("datadir=/m\u00fcnzen\n"),
            .. Encoding.Latin1.GetBytes("# caf\u00e9\r\nserver=1\n[test]\ndatadir=/t"),
        ];
        Assert.That(File.ReadAllBytes(_path), Is.EqualTo(expected));
    }

    [Test]
    public void A_new_file_is_for_its_owner_only_and_nothing_to_say_makes_none()
    {
        ConfigEdit.Apply(_path, new Dictionary<string, string?> { ["datadir"] = null });
        Assert.That(File.Exists(_path), Is.False);

        ConfigEdit.Apply(_path, new Dictionary<string, string?> { ["chain"] = "regtest" });

        Assert.That(File.ReadAllText(_path), Is.EqualTo("chain=regtest\n"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(_path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [Test]
    public void A_link_stays_a_link()
    {
        string real = _path + ".real";
        File.WriteAllText(real, "server=1\n");
        File.CreateSymbolicLink(_path, real);

        ConfigEdit.Apply(_path, new Dictionary<string, string?> { ["chain"] = "regtest" });

        Assert.That(new FileInfo(_path).LinkTarget, Is.EqualTo(real));
        Assert.That(File.ReadAllText(real), Is.EqualTo("chain=regtest\nserver=1\n"));
    }
}
