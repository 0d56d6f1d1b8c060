using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.GuiWeb.Model;

namespace Bitcoin.Gui.Tests.Model;

internal sealed class ModelTests
{
    [TestCase("0.00000001", AmountUnit.Btc, "0.00000001\u00a0BTC", "0,00000001\u00a0BTC")]
    [TestCase("1234.5", AmountUnit.Btc, "1,234.50000000\u00a0BTC", "1.234,50000000\u00a0BTC")]
    [TestCase("-1.5", AmountUnit.MilliBtc, "-1,500.00000\u00a0mBTC", "-1.500,00000\u00a0mBTC")]
    [TestCase("20999999.9769", AmountUnit.Satoshi, "2,099,999,997,690,000\u00a0sat", "2.099.999.997.690.000\u00a0sat")]
    public void Amounts_are_written_as_the_language_has_them(string btc, AmountUnit unit, string english, string german)
    {
        decimal amount = Number(btc);

        Assert.That(Formats.English.Amount(amount, unit), Is.EqualTo(english));
        Assert.That(Formats.German.Amount(amount, unit), Is.EqualTo(german));
    }

    [TestCase("1.5", AmountUnit.Btc, "1.5")]
    [TestCase(" 0.00000001 ", AmountUnit.Btc, "0.00000001")]
    [TestCase("21000000", AmountUnit.Btc, "21000000")]
    [TestCase("1500", AmountUnit.MilliBtc, "1.5")]
    [TestCase("1", AmountUnit.Satoshi, "0.00000001")]
    [TestCase("0.1", AmountUnit.Satoshi, null)]
    [TestCase("0.000000001", AmountUnit.Btc, null)]
    [TestCase("21000000.00000001", AmountUnit.Btc, null)]
    [TestCase("1,000", AmountUnit.Btc, null)]
    [TestCase("1 BTC", AmountUnit.Btc, null)]
    [TestCase("-1", AmountUnit.Btc, null)]
    [TestCase("79228162514264337593543950336", AmountUnit.Btc, null)]
    [TestCase("", AmountUnit.Btc, null)]
    [TestCase("NaN", AmountUnit.Btc, null)]
    public void Amounts_are_read_exactly_or_not_at_all(string text, AmountUnit unit, string? btc)
    {
        bool isAmount = Formats.English.TryAmount(text, unit, out decimal amount);

        Assert.That(isAmount, Is.EqualTo(btc is not null));
        if (btc is not null)
        {
            Assert.That(amount, Is.EqualTo(Number(btc)));
        }
    }

    [TestCase("bitcoin:bc1qa", "bc1qa", null, "", "")]
    [TestCase("BITCOIN:bc1qa?amount=0.5", "bc1qa", "0.5", "", "")]
    [TestCase("bitcoin:bc1qa?label=A%26B&message=two%20words&x=1", "bc1qa", null, "A&B", "two words")]
    public void Links_are_read(string text, string address, string? amount, string label, string message)
    {
        Assert.That(PaymentUri.TryParse(text, out PaymentUri? uri), Is.True);

        decimal? expected = amount is null ? null : Number(amount);
        Assert.That(uri, Is.EqualTo(new PaymentUri(address, expected, label, message)));
        Assert.That(PaymentUri.TryParse(uri!.ToString(), out PaymentUri? again), Is.True);
        Assert.That(again, Is.EqualTo(uri));
    }

    [TestCase("bc1qa")]
    [TestCase("bitcoin:")]
    [TestCase("bitcoin:bc1qa?amount=much")]
    [TestCase("bitcoin:bc1qa?req-new=1")]
    [TestCase("https://bc1qa")]
    public void What_is_no_link_is_none(string text) => Assert.That(PaymentUri.TryParse(text, out _), Is.False);

    [TestCase("getblockhash 1", "getblockhash", "[1]")]
    [TestCase("  help   send ", "help", """["send"]""")]
    [TestCase("m \"two words\" '3' \"a\\\"b\"", "m", """["two words","3","a\"b"]""")]
    [TestCase("m [1, \"a ] b\"] {\"k\": [2]} true null", "m", """[[1,"a ] b"],{"k":[2]},true,null]""")]
    [TestCase("m 00ff bcrt1qa", "m", """["00ff","bcrt1qa"]""")]
    public void Lines_of_the_console_are_read(string line, string method, string arguments)
    {
        ConsoleLine read = ConsoleLine.Parse(line);

        Assert.That(read.Method, Is.EqualTo(method));
        Assert.That(
            JsonNode.DeepEquals(read.Arguments, JsonNode.Parse(arguments)),
            Is.True,
            read.Arguments.ToJsonString());
    }

    [TestCase("m \"open")]
    [TestCase("m [1")]
    [TestCase("m {1}")]
    [TestCase(" ")]
    public void Lines_that_are_not_closed_are_errors(string line)
        => Assert.That(() => ConsoleLine.Parse(line), Throws.InstanceOf<FormatException>());

    [TestCase("walletpassphrase secret 60", "walletpassphrase (…)")]
    [TestCase("encryptwallet secret", "encryptwallet (…)")]
    [TestCase("getblockcount", "getblockcount")]
    [TestCase("walletpassphrase", "walletpassphrase")]
    public void Secrets_are_not_shown_again(string line, string shown)
        => Assert.That(ConsoleLine.Shown(line), Is.EqualTo(shown));

    [Test]
    public void A_table_has_no_formulas_of_others()
    {
        string table = Csv.Of([Of("=HYPERLINK(\"http://evil\")"), Of("a,\"b\"")]);

        Assert.That(table.Split("\r\n")[1], Does.Contain("\"'=HYPERLINK(\"\"http://evil\"\")\""));
        Assert.That(table.Split("\r\n")[2], Does.Contain(",\"a,\"\"b\"\"\","));
    }

    [TestCase("RENT", "", 0, true)]
    [TestCase("bcrt1", "", 0, true)]
    [TestCase("dead", "", 0, false)]
    [TestCase("", "Sent", 0, false)]
    [TestCase("", "Received", 2, false)]
    [TestCase("", "Received", 1, true)]
    public void A_history_is_filtered(string text, string kind, int least, bool isWanted)
    {
        PaymentFilter filter = new() { Text = text, Kind = kind, Least = least };

        Assert.That(filter.Lets(Of("rent")), Is.EqualTo(isWanted));
    }

    [Test]
    public void A_history_is_filtered_by_day()
    {
        Payment payment = Of("rent");
        DateTime day = DateTimeOffset.FromUnixTimeSeconds(payment.Time).LocalDateTime.Date;

        Assert.That(new PaymentFilter { From = day, To = day }.Lets(payment), Is.True);
        Assert.That(new PaymentFilter { From = day.AddDays(1) }.Lets(payment), Is.False);
        Assert.That(new PaymentFilter { To = day.AddDays(-1) }.Lets(payment), Is.False);
    }

    [Test]
    public void Choices_are_kept_and_a_broken_file_is_none()
    {
        string directory = Directory.CreateTempSubdirectory("gui-").FullName;
        Assert.That(
            Choices.Load(directory).Choose(static values => values with { Language = "de", IsDark = true }), Is.Null);
        Assert.That(Choices.Load(directory).Now, Is.EqualTo(new Choices.Values(Language: "de", IsDark: true)));

        File.WriteAllText(Path.Combine(directory, "gui.json"), "{\"Language\":");
        Assert.That(Choices.Load(directory).Now, Is.EqualTo(new Choices.Values()));
        Directory.Delete(directory, recursive: true);
        Assert.That(Choices.Load(directory).Choose(static values => values with { Language = "en" }), Is.Not.Null);
    }

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    private static Payment Of(string label)
        => new("ab", "receive", "bcrt1qa", label, 1.5m, 0, 3, 1_700_000_000, "", false);
}
