using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;
using Microsoft.Win32.SafeHandles;

namespace Bitcoin.Tests;

/// <summary>A confined child gets what a running command names, and nothing else.</summary>
[TestFixture]
internal sealed class ChildFilesTests
{
    private string _directory;
    private string _file;
    private ChildFiles _files;

    [SetUp]
    public void Start()
    {
        _directory = Directory.CreateTempSubdirectory("bitcoin-").FullName;
        _file = Path.Combine(_directory, "a.dat");
        File.WriteAllText(_file, "old");
        _files = new ChildFiles(Path.Combine(_directory, "log"));
    }

    [TearDown]
    public void Stop() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void A_file_is_opened_only_while_a_command_names_it_and_only_as_the_command_needs_it()
    {
        RpcCall restore = Call("restorewallet", "w", _file);

        Assert.That(() => _files.OpenNamed(_file, isNew: false), Throws.TypeOf<UnauthorizedAccessException>());
        using (_files.Grant(restore))
        using (_files.Grant(restore))
        {
            Assert.That(() => _files.OpenNamed(_file, isNew: true), Throws.TypeOf<UnauthorizedAccessException>());
            Assert.That(
                () => _files.OpenNamed(_file + "x", isNew: false), Throws.TypeOf<UnauthorizedAccessException>());
            using SafeFileHandle handle = _files.OpenNamed(_file, isNew: false);
            Assert.That(RandomAccess.GetLength(handle), Is.EqualTo(3));
        }

        Assert.That(() => _files.OpenNamed(_file, isNew: false), Throws.TypeOf<UnauthorizedAccessException>());
    }

    [TestCase("backupwallet")]
    [TestCase("exportwatchonlywallet")]
    public void A_backup_is_made_anew_for_its_owner_only(string method)
    {
        string file = Path.Combine(_directory, "new");

        using (_files.Grant(Call(method, file)))
        {
            using SafeFileHandle handle = _files.OpenNamed(file, isNew: true);
            RandomAccess.Write(handle, "copy"u8, 0);
        }

        Assert.That(File.ReadAllText(file), Is.EqualTo("copy"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }

    [TestCase("loadwallet")]
    [TestCase("createwallet")]
    [TestCase("importdescriptors")]
    public void Other_commands_grant_nothing(string method)
    {
        Assert.That(_files.Grant(Call(method, _file)), Is.Null);
        Assert.That(() => _files.OpenNamed(_file, isNew: false), Throws.TypeOf<UnauthorizedAccessException>());
    }

    [Test]
    public void Two_handles_of_the_log_append_to_one_file()
    {
        Assume.That(OperatingSystem.IsLinux(), "appending is the system's there");
        using SafeFileHandle first = _files.OpenLog();
        using SafeFileHandle second = _files.OpenLog();

        RandomAccess.Write(first, "one\n"u8, 0);
        RandomAccess.Write(second, "two\n"u8, 0);
        RandomAccess.Write(first, "three\n"u8, 4);

        Assert.That(File.ReadAllText(Path.Combine(_directory, "log")), Is.EqualTo("one\ntwo\nthree\n"));
    }

    [TestCase("wallets", true)]
    [TestCase("wallets/a/b", true)]
    [TestCase("wallets/../a", false)]
    [TestCase("walletsx", false)]
    [TestCase("wallets/in", true)]
    [TestCase("wallets/out", false)]
    [TestCase("wallets/out/x", false)]
    [TestCase("wallets/loop", null)]
    public void A_path_is_judged_by_where_its_links_lead(string path, bool? isWithin)
    {
        string wallets = Directory.CreateDirectory(Path.Combine(_directory, "wallets")).FullName;
        File.CreateSymbolicLink(Path.Combine(wallets, "in"), "a");
        File.CreateSymbolicLink(Path.Combine(wallets, "out"), "../elsewhere");
        File.CreateSymbolicLink(Path.Combine(wallets, "loop"), "loop");

        bool? found = null;
        try
        {
            found = RealPath.IsWithin(Path.Combine(_directory, path), wallets);
        }
        catch (IOException)
        {
            // It leads to itself.
        }

        Assert.That(found, Is.EqualTo(isWithin));
    }

    private static RpcCall Call(string method, params JsonNode?[] arguments)
        => new(method, arguments, "/", "user", IsLast: true);
}
