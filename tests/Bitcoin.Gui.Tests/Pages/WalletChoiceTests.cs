using Bitcoin.Gui.Tests.Support;
using Bitcoin.GuiWeb.Parts;
using Bunit;

namespace Bitcoin.Gui.Tests.Pages;

/// <summary>The menu of the wallets.</summary>
internal sealed class WalletChoiceTests : PageTest
{
    [TestCase("a click")]
    [TestCase("Enter")]
    [TestCase(" ")]
    public void The_menu_opens(string by)
    {
        IRenderedComponent<WalletChoice> choice = Show<WalletChoice>();

        if (by == "a click")
        {
            choice.Find("[data-test=wallet]").Click();
        }
        else
        {
            choice.Find(".mud-menu-activator").KeyDown(by);
        }

        WaitFor(choice, () => Assert.That(
            choice.Find(".mud-menu-activator").GetAttribute("aria-expanded"), Is.EqualTo("true")));
    }
}
