using Bitcoin.Hosting;

namespace Bitcoin.Tests;

internal sealed class CommandLineTests
{
    private static readonly Option[] s_known =
    [
        new("regtest", null, "A switch."),
        new("printtoconsole", null, "Another."),
        new("datadir", "dir", "One value."),
        new("loadblock", "file", "Several values."),
    ];

    [Test]
    public void Options_come_first_and_words_after_them()
    {
        CommandLine line = Parse("-regtest", "--datadir=/a=b", "-loadblock=1", "-loadblock=2", "getblockhash", "-1");

        Assert.That(line.IsOn("regtest"), Is.True);
        Assert.That(line.Last("datadir"), Is.EqualTo("/a=b"));
        Assert.That(line.All("loadblock"), Is.EqualTo(new[] { "1", "2" }));
        Assert.That(line.Words, Is.EqualTo(new[] { "getblockhash", "-1" }));
    }

    [TestCase("-regtest=0", false)]
    [TestCase("-noregtest", false)]
    [TestCase("-noregtest=0", true)]
    [TestCase("-regtest=1", true)]
    public void A_switch_can_be_off(string arg, bool on)
        => Assert.That(Parse("-regtest", arg).IsOn("regtest"), Is.EqualTo(on));

    [Test]
    public void What_is_not_given_is_as_it_is_by_default()
    {
        CommandLine line = Parse();

        Assert.That(line.IsOn("printtoconsole", byDefault: true), Is.True);
        Assert.That(line.IsOn("regtest"), Is.False);
        Assert.That(line.Last("datadir"), Is.Null);
        Assert.That(line.All("loadblock"), Is.Empty);
        Assert.That(line.Words, Is.Empty);
    }

    [Test]
    public void A_negation_forgets_the_values_before_it()
    {
        Assert.That(Parse("-loadblock=1", "-noloadblock").All("loadblock"), Is.Empty);
    }

    [TestCase("-regtset")]
    [TestCase("--nothing=1")]
    [TestCase("-nonsense")]
    public void An_unknown_option_is_an_error_that_names_it(string arg)
    {
        bool parsed = CommandLine.TryParse([arg], s_known, out CommandLine? line, out string? error);

        Assert.That(parsed, Is.False);
        Assert.That(line, Is.Null);
        Assert.That(error, Is.EqualTo($"Invalid parameter {arg}"));
    }

    [Test]
    public void Help_lists_every_option()
    {
        string help = CommandLine.Help("program [options]", s_known);

        Assert.That(
            help,
            Does.StartWith("Usage: program [options]\n").And.Contain(
                "  -loadblock=<file>\n       Several values.\n").And.Contain("  -regtest\n"));
    }

    private static CommandLine Parse(params string[] args)
    {
        Assert.That(CommandLine.TryParse(args, s_known, out CommandLine? line, out string? error), Is.True, error);
        return line!;
    }
}
