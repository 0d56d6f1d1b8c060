using Bitcoin.Primitives;
using MudBlazor;

namespace Bitcoin.GuiWeb.Parts;

/// <summary>The page's colours and type. Text on them has a contrast of 4.5 or more.</summary>
internal static class Theme
{
    private static readonly string[] s_fonts =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "DejaVu Sans", "sans-serif"];

    internal static MudTheme Look { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = Currency.Names.Colour,
            PrimaryContrastText = "#ffffff",
            Secondary = "#3a5a8c",
            Success = "#146c2e",
            Error = "#b3261e",
            Warning = "#7a4f00",
            WarningContrastText = "#ffffff",
            Info = "#1f5a96",
            Background = "#f6f4f1",
            Surface = "#ffffff",
            DrawerBackground = "#f6f4f1",
            DrawerText = "#2a2622",
            DrawerIcon = "#5a524a",
            AppbarText = "#2a2622",
            TextPrimary = "#221e1a",
            TextSecondary = "#5c554e",
            Divider = "#e2ddd6",
            LinesDefault = "#e2ddd6",
            ActionDefault = "#5a524a",
        },
        PaletteDark = new PaletteDark
        {
            Primary = Currency.Names.ColourOnDark,
            PrimaryContrastText = "#2b1600",
            Secondary = "#a8c4f0",
            Success = "#7ddc8f",
            SuccessContrastText = "#06260e",
            Error = "#ffb4ab",
            ErrorContrastText = "#410002",
            Warning = "#ffcf70",
            WarningContrastText = "#2b1d00",
            Info = "#9ecbff",
            InfoContrastText = "#002a4d",
            Background = "#14161c",
            Surface = "#1e2129",
            DrawerBackground = "#14161c",
            DrawerText = "#e8eaf0",
            DrawerIcon = "#b3b8c4",
            AppbarText = "#e8eaf0",
            TextPrimary = "#e8eaf0",
            TextSecondary = "#b3b8c4",
            Divider = "#333845",
            LinesDefault = "#333845",
            ActionDefault = "#b3b8c4",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_fonts },
            H4 = new H4Typography { FontSize = "1.6rem", FontWeight = "600" },
            H6 = new H6Typography { FontSize = "1.05rem", FontWeight = "600" },
            Button = new ButtonTypography { TextTransform = "none", FontWeight = "600" },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "10px" },
    };
}
