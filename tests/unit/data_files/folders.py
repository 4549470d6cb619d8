"""Folders of data files for tests: a good one, and what a test changes in it."""

from pathlib import Path

HEADERS = {
    "customers.csv": "customer_number,name,language,email,phone,country,province,timezone",
    "sites.csv": "site_id,customer_number,line1,city,province,postal_code,country,timezone",
    "territories.csv": "country,postal_prefix,territory,timezone",
    "depots.csv": "country,province,depot,name,line1,city,postal_code",
    "contracts.csv": (
        "contract_number,customer_number,kind,start_date,end_date,service_level,auto_renew,customer_minimum_months,"
        "customer_notice_months,provider_minimum_months,provider_notice_months,prepaid_until"
    ),
    "items.csv": (
        "contract_number,machine_type,model,serial,site_id,coverage_start,coverage_end,service_level,ended_on,replaces_serial"
    ),
    "entitlements.csv": "contract_number,product_id,product_name,quantity,subscription_end",
    "closures.csv": "country,province,date",
}

ROWS = {
    "customers.csv": [
        "C-1,Scierie du Nord,fr,atelier@example.com,514 555-0123,CA,QC,America/Toronto",
        "C-2,Harbour Freight Desk,en,,,CA,BC,America/Vancouver",
    ],
    "sites.csv": ["S-1,C-1,1 rue du Moulin,Laval,QC,H7N 1A1,CA,", "S-2,C-2,2 Quay St,Vancouver,BC,V5K 0A1,CA,"],
    "territories.csv": ["CA,H,CA-QC-MTL,America/Toronto", "CA,*,CA-REST,America/Toronto"],
    "depots.csv": [
        "CA,QC,MTL,Atelier de Montréal,9 rue du Port,Montréal,H2Y 1A1",
        "CA,*,TOR,Toronto,9 Dock Rd,Toronto,M5V 1A1",
    ],
    "contracts.csv": [
        "M-1,C-1,hardware_maintenance,2025-04-01,2027-03-31,ONSITE_NBD,false,,,,,",
        "M-2,C-2,warranty,2026-01-01,,,true,3,2,12,6,2026-12-31",
        "SW-1,C-1,software_subscription,2025-01-01,2026-12-31,,false,,,,,",
    ],
    "items.csv": ["M-1,8286,41A,21-0F3AT,S-1,,,,,", "M-2,7944,,KQ1X9P2,,2026-01-01,2026-12-31,DEPOT_MAIL_IN,,"],
    "entitlements.csv": ["SW-1,P-10,Workflow Suite,25,2026-12-31"],
    "closures.csv": ["CA,QC,2026-12-24", "CA,,2026-12-31"],
}


def write(folder: Path, **changed: str | bytes | list[str] | None) -> Path:
    """A good folder, but for `changed`: a file's name without ``.csv`` and its rows, its whole text, or none at all."""
    for file, header in HEADERS.items():
        content: str | bytes | list[str] | None = changed.get(file.removesuffix(".csv"), ROWS[file])
        if content is None:
            continue
        if isinstance(content, list):
            content = "\r\n".join([header, *content]) + "\r\n"
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def header(name: str) -> str:
    return HEADERS[f"{name}.csv"]


def rows(name: str) -> list[str]:
    return list(ROWS[f"{name}.csv"])
