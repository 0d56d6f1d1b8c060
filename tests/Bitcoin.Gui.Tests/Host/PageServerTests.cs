using System.Globalization;
using System.Text.RegularExpressions;
using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Host;
using Bitcoin.GuiWeb.Model;
using Bitcoin.Interfaces;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bitcoin.Gui.Tests.Host;

/// <summary>Who is let in, and what those get.</summary>
internal sealed class PageServerTests
{
    private string _directory;
    private NodeModel _model;
    private PageServer _server;
    private int _port;
    private string _token;
    private string _cookie;

    [OneTimeSetUp]
    public void Serve()
    {
        _directory = Directory.CreateTempSubdirectory("gui-").FullName;
        _model = new NodeModel("regtest", _directory);
        _model.Open(new FakeNode(), new ProcessInfo("bitcoin-node", 1));
        _server = PageServer.Start(0, _model, Choices.Load(_directory), NullLoggerFactory.Instance);
        _port = new Uri(_server.Origin).Port;
        _token = _server.NewEntry().Split("token=")[1];
        RawHttp.Answer entered = Get($"/enter?token={_token}");
        Assert.That(entered.Code, Is.EqualTo(200));
        _cookie = Regex.Match(entered.Head, "Set-Cookie: ([^;]+);", RegexOptions.IgnoreCase).Groups[1].Value;
    }

    [OneTimeTearDown]
    public void End()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void The_cookie_is_for_this_site_and_not_for_scripts()
    {
        RawHttp.Answer entered = Get($"/enter?token={_server.NewEntry().Split("token=")[1]}");

        string cookie = Header(entered, "Set-Cookie").ToLowerInvariant();
        Assert.That(cookie, Does.Contain("httponly").And.Contain("samesite=strict").And.Contain("path=/"));
        Assert.That(cookie, Does.Not.Contain("domain").And.Not.Contain("expires"));
        Assert.That(cookie, Does.StartWith($"bitcoin-gui-{_port}="));
        Assert.That(cookie, Does.Not.Contain(_token));
    }

    [Test]
    public void The_page_comes_with_the_cookie_and_may_load_nothing_from_elsewhere()
    {
        RawHttp.Answer page = Get("/", Cookie);

        Assert.That(page.Code, Is.EqualTo(200), page.Body);
        string policy = Header(page, "Content-Security-Policy");
        Assert.That(policy, Does.Contain("default-src 'none'").And.Contain("script-src 'self';"));
        Assert.That(policy, Does.Contain("frame-ancestors 'none'"));
        Assert.That(policy, Does.Not.Contain("unsafe-eval").And.Not.Contain("http:").And.Not.Contain("https:"));
        Assert.That(Regex.Matches(page.Body, "<script[^>]*>").Select(static match => match.Value),
            Is.All.Match("src=\"/"), "no script stands in the page");
        Assert.That(page.Body, Does.Not.Match("(src|href)=\"(https?:)?//"));
        Assert.That(page.Head, Does.Contain("nosniff").And.Contain("no-referrer").And.Contain("no-store"));
        Assert.That(page.Head, Does.Not.Contain("Server:"));
    }

    [Test]
    public void Everything_that_the_page_names_is_served()
    {
        string page = Get("/", Cookie).Body;
        List<string> named =
            [.. Regex.Matches(page, "(?:src|href)=\"(/[^\"]+)\"").Select(static match => match.Groups[1].Value)];

        Assert.That(named, Does.Contain("/_framework/blazor.web.js"));
        Assert.That(named, Does.Contain("/_content/MudBlazor/MudBlazor.min.css"));
        foreach (string path in named)
        {
            RawHttp.Answer asset = Get(path, Cookie);
            Assert.That(asset.Code, Is.EqualTo(200), path);
            Assert.That(asset.Body, Is.Not.Empty, path);
            Assert.That(asset.Head, Does.Match("Content-Type: (text/javascript|text/css|image/svg)"), path);
        }
    }

    [Test]
    public void An_asset_that_has_not_changed_is_not_sent_again()
    {
        RawHttp.Answer first = Get("/assets/app.css", Cookie);
        string tag = Header(first, "ETag");

        RawHttp.Answer second = Get("/assets/app.css", Cookie, $"If-None-Match: {tag}");

        Assert.That((second.Code, second.Body), Is.EqualTo((304, "")));
    }

    [Test]
    public void Style_sheets_and_scripts_name_no_other_server()
    {
        foreach (string path in PageAssets.Paths.Where(static path => !path.EndsWith(".svg", StringComparison.Ordinal)))
        {
            string text = Get(path, Cookie).Body;
            Assert.That(Regex.Matches(text, @"(?:url\(|@import\s*)[""']?(?:https?:)?//").Count, Is.Zero, path);
        }
    }

    [TestCase("/")]
    [TestCase("/wallets")]
    [TestCase("/assets/app.js")]
    [TestCase("/_framework/blazor.web.js")]
    [TestCase("/_blazor")]
    [TestCase("/nothing-there")]
    public void Without_the_cookie_nothing_comes(string path)
    {
        Assert.That(Get(path).Code, Is.EqualTo(403));
        Assert.That(Get(path, $"Cookie: bitcoin-gui-{_port}={new string('0', 64)}").Code, Is.EqualTo(403));
        Assert.That(Get(path, "Cookie: " + _cookie.Split('=')[0] + "=").Code, Is.EqualTo(403));
    }

    [TestCase("")]
    [TestCase("?token=")]
    [TestCase("?token=0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("?token=a&token=b")]
    [TestCase("?other=1")]
    public void A_wrong_token_lets_nobody_in(string query)
    {
        RawHttp.Answer refused = Get("/enter" + query);

        Assert.That(refused.Code, Is.EqualTo(403));
        Assert.That(refused.Head, Does.Not.Contain("Set-Cookie"));
        Assert.That(refused.Body, Does.Contain("the address that the program has printed"));
    }

    [Test]
    public void A_token_is_good_for_one_time()
    {
        string token = _server.NewEntry().Split("token=")[1];
        Assert.That(Get($"/enter?token={token}").Code, Is.EqualTo(200));

        Assert.That(Get($"/enter?token={token}").Code, Is.EqualTo(403));
        Assert.That(Get($"/enter?token={token}", Cookie).Code, Is.EqualTo(200), "who is in may go back");
    }

    [Test]
    public void A_token_that_was_replaced_is_good_no_longer()
    {
        string first = _server.NewEntry().Split("token=")[1];
        string second = _server.NewEntry().Split("token=")[1];

        Assert.That(Get($"/enter?token={first}").Code, Is.EqualTo(403));
        Assert.That(Get($"/enter?token={second}").Code, Is.EqualTo(200));
    }

    /// <summary>A name of the attacker's that leads to this machine: the browser sends it as the host.</summary>
    [TestCase("evil.example")]
    [TestCase("evil.example:{0}")]
    [TestCase("localhost:{0}")]
    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.1:1")]
    [TestCase("127.0.0.1.evil.example:{0}")]
    [TestCase("[::1]:{0}")]
    [TestCase("2130706433:{0}")]
    [TestCase("127.1:{0}")]
    public void Another_host_is_refused(string host)
    {
        string named = string.Format(CultureInfo.InvariantCulture, host, _port);
        string token = _server.NewEntry().Split("token=")[1];

        Assert.That(Send("GET /", $"Host: {named}", Cookie).Code, Is.EqualTo(421));
        Assert.That(Send($"GET /enter?token={token}", $"Host: {named}").Code, Is.EqualTo(421));
        Assert.That(Get($"/enter?token={token}").Code, Is.EqualTo(200), "the token was not spent");
    }

    [TestCase("GET http://evil.example/")]
    [TestCase("GET http://127.0.0.1:1/")]
    public void Another_host_in_the_request_line_is_refused(string first)
        => Assert.That(Send(first, Host, Cookie).Code, Is.EqualTo(421).Or.EqualTo(400));

    [TestCase("Origin: http://evil.example")]
    [TestCase("Origin: null")]
    [TestCase("Origin: http://127.0.0.1")]
    [TestCase("Origin: http://127.0.0.1:1")]
    [TestCase("Origin: http://localhost:{0}")]
    [TestCase("Origin: https://127.0.0.1:{0}")]
    [TestCase("Sec-Fetch-Site: cross-site")]
    [TestCase("Sec-Fetch-Site: same-site")]
    public void A_page_of_somebody_else_gets_nothing_even_with_the_cookie(string header)
    {
        string sent = string.Format(CultureInfo.InvariantCulture, header, _port);

        Assert.That(Get("/", Cookie, sent).Code, Is.EqualTo(403));
        Assert.That(Get("/assets/app.js", Cookie, sent).Code, Is.EqualTo(403));
        Assert.That(Send("POST /_blazor/negotiate?negotiateVersion=1", Host, Cookie, sent, "Content-Length: 0").Code,
            Is.EqualTo(403));
    }

    [TestCase("POST")]
    [TestCase("PUT")]
    [TestCase("DELETE")]
    [TestCase("OPTIONS")]
    public void What_changes_something_must_say_from_where_it_comes(string method)
    {
        Assert.That(Send($"{method} /_blazor/negotiate?negotiateVersion=1", Host, Cookie, "Content-Length: 0").Code,
            Is.EqualTo(403));
    }

    [TestCase("Origin: http://evil.example", 403)]
    [TestCase("Origin: null", 403)]
    [TestCase("X-Nothing: 1", 403)]
    [TestCase("Origin: http://127.0.0.1:{0}", 101)]
    public void A_socket_is_for_the_page_alone(string header, int code)
    {
        string[] socket =
            [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ];
        string sent = string.Format(CultureInfo.InvariantCulture, header, _port);

        Assert.That(Send("GET /_blazor", [Host, Cookie, sent, .. socket]).Code, Is.EqualTo(code));
        Assert.That(Send("GET /_blazor", [Host, sent, .. socket]).Code, Is.EqualTo(403), "without the cookie");
        Assert.That(Send("GET /_blazor", ["Host: evil.example", Cookie, sent, .. socket]).Code, Is.EqualTo(421));
    }

    [Test]
    public void Two_servers_have_different_ports_and_let_in_only_their_own()
    {
        using PageServer other = PageServer.Start(0, _model, Choices.Load(_directory), NullLoggerFactory.Instance);
        int port = new Uri(other.Origin).Port;

        Assert.That(port, Is.Not.EqualTo(_port));
        Assert.That(RawHttp.Send(port, "GET /", $"Host: 127.0.0.1:{port}", Cookie).Code, Is.EqualTo(403));
        string value = _cookie.Split('=')[1];
        Assert.That(
            RawHttp.Send(port, "GET /", $"Host: 127.0.0.1:{port}", $"Cookie: bitcoin-gui-{port}={value}").Code,
            Is.EqualTo(403));
    }

    [Test]
    public void A_port_that_is_taken_is_an_error()
    {
        Assert.That(
            () => PageServer.Start(_port, _model, Choices.Load(_directory), NullLoggerFactory.Instance).Dispose(),
            Throws.InstanceOf<IOException>());
    }

    private static string Header(RawHttp.Answer answer, string name)
        => Regex.Match(answer.Head, $"{name}: (.*)", RegexOptions.IgnoreCase).Groups[1].Value.Trim();

    private string Host => $"Host: 127.0.0.1:{_port}";

    private string Cookie => $"Cookie: {_cookie}";

    private RawHttp.Answer Get(string path, params string[] headers) => Send($"GET {path}", [Host, .. headers]);

    private RawHttp.Answer Send(string first, params string[] headers) => RawHttp.Send(_port, first, headers);
}
