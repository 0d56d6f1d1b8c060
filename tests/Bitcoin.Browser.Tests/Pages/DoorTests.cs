using Bitcoin.Browser.Support;
using Bitcoin.Functional.Support;
using Microsoft.Playwright;

namespace Bitcoin.Browser.Pages;

/// <summary>Whom the program lets in, as a browser sees it.</summary>
internal sealed class DoorTests() : BrowserTest(Programs.Several)
{
    [Test]
    public async Task A_wrong_token_lets_nobody_in_and_a_right_one_lets_in_one_browser()
    {
        MayComplain = true;
        Host gui = StartPage();
        string entry = Entry(gui);
        string origin = new Uri(entry).GetLeftPart(UriPartial.Authority);
        IPage stranger = await Window();

        IResponse wrong = (await stranger.GotoAsync($"{origin}/enter?token=wrong"))!;
        IResponse without = (await stranger.GotoAsync(origin))!;
        Assert.That((wrong.Status, without.Status), Is.EqualTo((403, 403)));
        Assert.That(await stranger.Context.CookiesAsync(), Is.Empty);
        Assert.That(await stranger.ContentAsync(), Does.Contain("with the address that the program has printed"));

        IPage page = await Open(gui);
        IResponse second = (await stranger.GotoAsync(entry))!;
        Assert.That(second.Status, Is.EqualTo(403), "the token is spent");
        Assert.That(page.Url, Is.EqualTo($"{origin}/"), "the token does not stay in the address");
        BrowserContextCookiesResult cookie = (await page.Context.CookiesAsync())
            .Single(static cookie => cookie.Name.StartsWith("bitcoin-gui-", StringComparison.Ordinal));
        Assert.That((cookie.HttpOnly, cookie.SameSite, cookie.Expires),
            Is.EqualTo((true, SameSiteAttribute.Strict, -1f)));
    }

    [Test]
    public async Task A_page_of_another_origin_reaches_nothing_with_the_users_own_browser()
    {
        MayComplain = true;
        Host gui = StartPage();
        IPage page = await Open(gui);
        string origin = new Uri(page.Url).GetLeftPart(UriPartial.Authority);
        IPage evil = await page.Context.NewPageAsync();
        await evil.RouteAsync(
            "http://evil.test/**",
            static route => route.FulfillAsync(
                new RouteFulfillOptions { ContentType = "text/html", Body = "<p>Hello" }));
        await evil.GotoAsync("http://evil.test/");

        string[] got = await evil.EvaluateAsync<string[]>(
            """
            async origin => {
                const asked = [];
                for (const path of ["/", "/assets/icon.svg", "/_blazor/negotiate?negotiateVersion=1"]) {
                    for (const mode of ["cors", "no-cors"]) {
                        const method = path.includes("negotiate") ? "POST" : "GET";
                        asked.push(await fetch(origin + path, { credentials: "include", mode, method })
                            .then(answer => answer.text(), () => "refused"));
                    }
                }
                asked.push(await new Promise(resolve => {
                    const socket = new WebSocket(origin.replace("http", "ws") + "/_blazor?id=1");
                    socket.onopen = () => resolve("open");
                    socket.onerror = () => resolve("refused");
                }));
                asked.push(await new Promise(resolve => {
                    const frame = document.createElement("iframe");
                    frame.onload = () => {
                        let seen = "refused";
                        try { seen = frame.contentDocument?.body.innerText ?? seen; } catch { }
                        resolve(seen);
                    };
                    frame.src = origin;
                    document.body.append(frame);
                }));
                return asked;
            }
            """,
            origin);

        Assert.That(got, Is.All.AnyOf("refused", ""));
        Assert.That(got, Has.Length.EqualTo(8));
    }
}
